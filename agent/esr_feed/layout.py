"""Which columns stand where in an outbound file, and which of them have a reader."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """The kinds of record that are read; their names are those of `schemas/esr/outbound.yml`."""

    PERSON = "person"
    ASSIGNMENT = "assignment"
    POSITION = "position"
    DEPARTMENT = "organisation"
    CHECKS = "checks"
    REGISTRATION = "registration"


READ: Mapping[Kind, tuple[str, ...]] = {
    Kind.PERSON: (
        "PersonId",
        "EffectiveStart",
        "EffectiveEnd",
        "EmployeeNumber",
        "LastName",
        "FirstName",
        "MiddleNames",
        "PreferredName",
        "DOB",
        "ActualTerminationDate",
        "CSD3Months",
    ),
    Kind.ASSIGNMENT: (
        "PersonId",
        "AssignmentId",
        "EffectiveStart",
        "EffectiveEnd",
        "EarliestAssignmentStart",
        "AssignmentNumber",
        "UserAssignmentStatus",
        "AssignmentCategory",
        "FTE",
        "OrganisationId",
        "PositionId",
        "PositionName",
        "Grade",
        "JobName",
        "ContractEndDate",
        "AssignmentEndDate",
    ),
    Kind.POSITION: (
        "PositionId",
        "EffectiveFrom",
        "EffectiveTo",
        "PositionName",
        "JobStaffGroup",
        "JobRole",
        "OccupationCode",
    ),
    Kind.DEPARTMENT: ("OrganisationId", "EffectiveFrom", "EffectiveTo", "OrganisationName"),
    Kind.CHECKS: (
        "PersonId",
        "Identity",
        "RightToWork",
        "RegistrationQualification",
        "HistoryReferences",
        "Dbs",
        "WorkHealth",
    ),
    Kind.REGISTRATION: (
        "PersonId",
        "RegistrationId",
        "Body",
        "Number",
        "Status",
        "RegisteredFrom",
        "ExpiryDate",
    ),
}
"""Every column that has a reader. NI number, salary, ethnicity, disability and marital status have none."""


class LayoutUnreadable(ValueError):
    """The columns as they are configured cannot be read."""


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """One kind of record: the types of its two lines, and what follows them."""

    kind: Kind
    update: str
    delete: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.columns)) < len(self.columns):
            raise LayoutUnreadable(f"{self.kind}: a column is named twice")
        if missing := [name for name in READ[self.kind] if name not in self.columns]:
            raise LayoutUnreadable(f"{self.kind}: {', '.join(missing)} is missing")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one organisation's files are read."""

    header: str
    trailer: str
    records: tuple[RecordColumns, ...]

    def on_the_wire(self) -> dict[str, Any]:
        """The layout as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """What `on_the_wire` gave."""
        records = (
            RecordColumns(Kind(each["kind"]), each["update"], each["delete"], tuple(each["columns"]))
            for each in told["records"]
        )
        return cls(told["header"], told["trailer"], tuple(records))
