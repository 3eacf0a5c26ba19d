"""How lines of the outbound file are laid out: the order of columns, which readers know and no file says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

SEPARATOR = "~"
type Cells = Mapping[str, str]
"""One line's values by column; what is not in it is blank."""


class Kind(StrEnum):
    """What a record is of: the first two letters of its type."""

    PERSON = "PR"
    ASSIGNMENT = "AS"
    POSITION = "PO"
    ORGANISATION = "OR"
    CHECKS = "CK"
    REGISTRATION = "RG"


_ORDER = {
    Kind.PERSON: """
        PersonId EffectiveStart EffectiveEnd EmployeeNumber Title LastName FirstName MiddleNames
        MaidenName PreferredName PreviousLastName Gender DOB NINumber NHSUniqueId HireDate
        ActualTerminationDate TerminationReason EmployeeStatusFlag WTROptOut WTROptOutDate EthnicOrigin
        MaritalStatus CountryOfBirth PreviousEmployer PreviousEmployerType CSD3Months CSD12Months
        NHSCRSUUID SystemPersonType UserPersonType OfficeEmail NHSStartDate LastUpdate DisabilityFlag
        LegacyPayrollNumber Nationality
    """,
    Kind.ASSIGNMENT: """
        PersonId AssignmentId EffectiveStart EffectiveEnd EarliestAssignmentStart AssignmentType
        AssignmentNumber SystemAssignmentStatus UserAssignmentStatus EmployeeStatusFlag PayrollName
        PayrollPeriodType LocationId SupervisorFlag SupervisorPersonId SupervisorAssignmentId
        SupervisorAssignmentNumber DeptManagerPersonId EmployeeCategory AssignmentCategory
        PrimaryAssignment NormalHours Frequency GradeContractHours FTE FlexibleWorkingPattern
        OrganisationId PositionId PositionName Grade GradeStep StartDateInGrade AnnualSalary JobName
        PeopleGroup TandAFlag NightWorkerOptOut ProjectedHireDate VacancyId ContractEndDate
        IncrementDate MaxPartTime AfcFlag LastUpdate LastWorkingDay eKSFPoint ManagerFlag
        AssignmentEndDate Spare
    """,
    Kind.POSITION: """
        PositionId EffectiveFrom EffectiveTo PositionNumber PositionName BudgetedFTE SubjectiveCode
        JobStaffGroup JobRole OccupationCode Payscale GradeStep IsaRegulatedPost OrganisationId
        HiringStatus PositionType EligibleForOH EPPFlag DeaneryPostNumber ManagingDeaneryBody
        WorkplaceOrgCode LastUpdate SubjectiveCodeDescription
    """,
    Kind.ORGANISATION: """
        OrganisationId EffectiveFrom EffectiveTo OrganisationName LastUpdate
    """,
    Kind.CHECKS: """
        PersonId Identity RightToWork RegistrationQualification HistoryReferences Dbs WorkHealth
        LastUpdate
    """,
    Kind.REGISTRATION: """
        PersonId RegistrationId Body Number Status RegisteredFrom ExpiryDate LastUpdate
    """,
}
COLUMNS = {kind: tuple(names.split()) for kind, names in _ORDER.items()}

IDENTIFIERS: dict[Kind, tuple[str, ...]] = {
    Kind.PERSON: ("PersonId",),
    Kind.ASSIGNMENT: ("PersonId", "AssignmentId"),
    Kind.POSITION: ("PositionId",),
    Kind.ORGANISATION: ("OrganisationId",),
    Kind.CHECKS: ("PersonId",),
    Kind.REGISTRATION: ("PersonId", "RegistrationId"),
}
"""What names a record; all that a delete says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: a line for each of its effective-dated slices, or one alone."""

    kind: Kind
    slices: tuple[Cells, ...]

    @property
    def key(self) -> str:
        """Name the record within its VPD."""
        return "/".join([self.kind, *(self.slices[0][each] for each in IDENTIFIERS[self.kind])])

    @property
    def starts(self) -> frozenset[str]:
        """Say from which days its slices are."""
        return frozenset(each.get("EffectiveStart", "") for each in self.slices)

    def updates(self) -> Iterator[str]:
        """Write every line of the record."""
        return (_line(f"{self.kind}A", COLUMNS[self.kind], each) for each in self.slices)

    def delete(self) -> str:
        """Write that the record is no more."""
        named = {name: self.slices[0][name] for name in IDENTIFIERS[self.kind]}
        return _line(f"{self.kind}D", COLUMNS[self.kind], named)


def _line(record_type: str, columns: tuple[str, ...], cells: Cells) -> str:
    line = SEPARATOR.join([record_type, *[cells.get(name, "") for name in columns]])
    if line.count(SEPARATOR) == len(columns) and line.isprintable():
        return line
    return SEPARATOR.join([record_type, *[_tame(cells.get(name, "")) for name in columns]])


def _tame(value: str) -> str:
    """Take out what would break a line: no value can hold it, and a person may have typed it."""
    return "".join(each if each != SEPARATOR and each.isprintable() else " " for each in value)
