"""The records that the sandbox keeps, field for field as `schemas/esr/openapi.yml` has them."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

EmployeeNumber = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
AssignmentNumber = Annotated[str, Field(pattern=r"^[0-9]{8}(-[0-9]{1,2})?$")]
NiNumber = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{6}[A-D]$")]
type OpenDate = date | Literal[""] | None
type YesNo = Literal["Yes", "No"]
type CheckType = Literal["IDENTITY", "RTW", "REG_QUAL", "HISTORY_REF", "DBS", "WORK_HEALTH"]
type Outcome = Literal["Clear", "Not Required", "Pending", "Not Clear"]
type UserStatus = Literal[
    "Active Assignment",
    "Acting Up",
    "Internal Secondment",
    "Out on External Secondment",
    "Bank",
    "Career Break",
    "Maternity & Adoption",
    "Suspend With Pay",
    "Suspend No Pay",
    "Inactive Not Worked",
    "Terminate Process",
]
type RegistrationBody = Literal["GMC", "NMC", "HCPC", "GPhC", "GDC"]
type RegistrationStatus = Literal["Registered", "Conditions", "Suspended", "Lapsed"]
type SystemStatus = Literal["Active Assignment", "Suspend Assignment", "Terminate Assignment"]


REGISTRATION_NUMBERS: dict[RegistrationBody, re.Pattern[str]] = {
    "GMC": re.compile(r"[0-9]{7}"),
    "NMC": re.compile(r"[0-9]{2}[A-L][0-9]{4}[ESWNO]"),
    "HCPC": re.compile(r"[A-Z]{2}[0-9]{5,6}"),
    "GPhC": re.compile(r"[0-9]{7}"),
    "GDC": re.compile(r"[0-9]{5,6}"),
}
"""How the number of each body looks."""


class Record(BaseModel):
    """What every record shares: it never changes in place, and speaks camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )

    def on_the_wire(self) -> dict[str, object]:
        """Return the record as the contract has it; details that were never recorded are absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Person(Record):
    """A member of staff."""

    employee_number: EmployeeNumber
    title: str
    last_name: Annotated[str, Field(min_length=1)]
    first_name: Annotated[str, Field(min_length=1)]
    middle_names: str
    maiden_name: str
    preferred_name: str
    previous_last_name: str
    date_of_birth: date
    ni_number: NiNumber | Literal[""]
    hire_date: date
    actual_termination_date: OpenDate
    csd_3_months: OpenDate
    csd_12_months: OpenDate
    nhs_start_date: OpenDate
    office_email: str
    nationality: str
    employee_status_flag: Literal["Current", "Ex-Employee"]


class Assignment(Record):
    """One tenure of a position; composite fields are joined by `|` as ESR joins them."""

    assignment_number: AssignmentNumber
    system_assignment_status: SystemStatus
    user_assignment_status: UserStatus
    assignment_category: str
    primary_assignment: YesNo
    fte: Annotated[float, Field(ge=0, le=2)]
    normal_hours: Annotated[float, Field(ge=0)]
    effective_start: date
    effective_end: OpenDate
    earliest_assignment_start: OpenDate
    contract_end_date: OpenDate
    assignment_end_date: OpenDate
    last_working_day: OpenDate
    position_name: str
    grade: str
    job: str
    organisation: str
    location: str


class Check(Record):
    """One of the six NHS Employment Check Standards."""

    check_type: CheckType
    outcome: Outcome
    check_date: OpenDate
    checked_by: str
    next_date: OpenDate
    gpg45_profile: str = ""
    dbs_level: Literal["Basic", "Standard", "Enhanced"] = "Basic"
    dbs_certificate_reference: Annotated[str, Field(pattern=r"^[0-9]{12}$")] = "000000000000"
    dbs_issue_date: OpenDate = None
    dbs_update_service: YesNo = "No"
    dbs_barred_lists: Literal["None", "Adults", "Children", "Adults and Children"] = "None"
    work_health_restrictions: YesNo = "No"


class Registration(Record):
    """One professional registration; not in the API, but in the outbound file."""

    registration_id: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    body: RegistrationBody
    number: str
    status: RegistrationStatus
    registered_from: date
    expiry_date: OpenDate

    @model_validator(mode="after")
    def _number_of_the_body(self) -> Self:
        if not REGISTRATION_NUMBERS[self.body].fullmatch(self.number):
            raise ValueError("no number of this body")
        return self


class SupplementaryRole(Record):
    """A role beside the user's responsibility profile, in one organisation."""

    role: str
    vpd: Annotated[str, Field(pattern=r"^[0-9]{3}$")]


class UserAccess(Record):
    """What a member of staff may do in ESR itself."""

    employee_number: EmployeeNumber
    user_record_status: Literal["Active", "Inactive"]
    supplementary_roles: tuple[SupplementaryRole, ...]


class PersonSlice(Record):
    """A person for a time that is not now."""

    effective_start: date
    effective_end: OpenDate
    person: Person


class StaffMember(Record):
    """Everything that one VPD knows of one person."""

    person: Person
    assignments: tuple[Assignment, ...]
    checks: tuple[Check, ...]
    access: UserAccess
    registrations: tuple[Registration, ...] = ()
    person_slices: tuple[PersonSlice, ...] = ()
    """The person as they were, or from a future day will be. As they are now is `person`."""
    assignment_slices: tuple[Assignment, ...] = ()
    """Terms of before and of later, each with a first and a last day; those of now are `assignments`."""
    stamps: dict[str, str] = {}
    """When each record changed since it was invented, by its key in the outbound file."""


def _as_a_day_is_written(value: object) -> object:
    """Take neither seconds nor a moment for a day, as pydantic would."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("no day")
    return value


class Search(Record):
    """What a candidate must have, at least one of them."""

    date_of_birth: Annotated[date, BeforeValidator(_as_a_day_is_written)]
    ni_number: NiNumber = ""  # none was given
    employee_number: EmployeeNumber = ""
