"""People, their posts and their checks, as an HR office speaks of them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from agent.domain.errors import InvalidInput

EmployeeNumber = NewType("EmployeeNumber", str)
"""Eight digits, given by one employing authority's ESR; there is no national one."""
AssignmentNumber = NewType("AssignmentNumber", str)
"""The employee number; a second post adds `-2`, a third `-3` …"""
OdsCode = NewType("OdsCode", str)
"""An organisation's code in the NHS Organisation Data Service."""
Vpd = NewType("Vpd", str)
"""Three digits: one organisation's Virtual Private Database in ESR."""
NiNumber = NewType("NiNumber", str)
"""A National Insurance number, upper case without spaces. Compared, never shown."""

_EMPLOYEE_NUMBER = re.compile(r"\d{8}")
_ASSIGNMENT_NUMBER = re.compile(r"\d{8}(-\d{1,2})?")
_NI_NUMBER = re.compile(r"(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
_ODS_CODE = re.compile(r"[A-Z0-9]{3,6}")
_VPD = re.compile(r"\d{3}")


def employee_number(text: str) -> EmployeeNumber:
    """Read an employee number; spaces are accepted. Raises `InvalidInput`."""
    return EmployeeNumber(_matching(_EMPLOYEE_NUMBER, text, "An employee number has eight digits."))


def assignment_number(text: str) -> AssignmentNumber:
    """Read an assignment number; spaces are accepted. Raises `InvalidInput`."""
    sentence = "An assignment number has eight digits, and perhaps a hyphen and one or two more."
    return AssignmentNumber(_matching(_ASSIGNMENT_NUMBER, text, sentence))


def ni_number(text: str) -> NiNumber:
    """Read a National Insurance number in any case, with or without spaces. Raises `InvalidInput`."""
    return NiNumber(_matching(_NI_NUMBER, text.upper(), "This is not a National Insurance number."))


def ods_code(text: str) -> OdsCode:
    """Read an ODS code. Raises `InvalidInput`."""
    return OdsCode(_matching(_ODS_CODE, text.upper(), "An ODS code has three to six letters or digits."))


def vpd(text: str) -> Vpd:
    """Read a VPD. Raises `InvalidInput`."""
    return Vpd(_matching(_VPD, text, "A VPD has three digits."))


def _matching(pattern: re.Pattern[str], text: str, sentence: str) -> str:
    canonical = re.sub(r"\s", "", text)
    if not pattern.fullmatch(canonical):
        raise InvalidInput(sentence)
    return canonical


@dataclass(frozen=True, slots=True)
class Organisation:
    """A data controller: an employing authority, a host organisation, or the operator."""

    ods_code: OdsCode
    name: str
    vpd: Vpd | None = None  # the operator has no staff, so no VPD


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as their employing authority knows them. Carries no NI number."""

    employee_number: EmployeeNumber
    legal_first_name: str
    middle_names: str
    legal_surname: str
    preferred_name: str
    date_of_birth: date
    continuous_service_date: date | None
    leaving_date: date | None  # ESR's actual termination date


@dataclass(frozen=True, slots=True)
class Position:
    """A post, whoever holds it."""

    number: str
    title: str
    department: str
    area_of_work: str
    staff_group: str
    job_role: str
    occupation_code: str
    pay_band: str


class AssignmentStatus(StrEnum):
    """User assignment statuses of ESR that decide anything here."""

    ACTIVE = "Active Assignment"
    ACTING_UP = "Acting Up"
    INTERNAL_SECONDMENT = "Internal Secondment"
    EXTERNAL_SECONDMENT = "Out on External Secondment"
    BANK = "Bank"
    CAREER_BREAK = "Career Break"
    MATERNITY_AND_ADOPTION = "Maternity & Adoption"
    SUSPENDED_WITH_PAY = "Suspend With Pay"
    SUSPENDED_NO_PAY = "Suspend No Pay"
    INACTIVE = "Inactive Not Worked"
    TERMINATING = "Terminate Process"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person's tenure of a position. The last day, `end`, is still part of it."""

    number: AssignmentNumber
    position: Position
    category: str  # ESR's: Permanent, Fixed Term Temp, Bank, Honorary, Locum, Agency …
    status: AssignmentStatus
    primary: bool
    fte: str  # full-time equivalent as ESR has it, "1.00"
    start: date
    end: date | None
    fixed_term_end: date | None


class CheckType(StrEnum):
    """The six NHS Employment Check Standards."""

    IDENTITY = "identity"
    RIGHT_TO_WORK = "right_to_work"
    REGISTRATION = "professional_registration_and_qualifications"
    HISTORY = "employment_history_and_references"
    CRIMINAL_RECORD = "criminal_record"
    WORK_HEALTH = "work_health_assessment"


class CheckOutcome(StrEnum):
    """What a check found. A check that ESR does not have is absent, never a success."""

    CLEAR = "clear"
    NOT_REQUIRED = "not_required"
    PENDING = "pending"
    NOT_CLEAR = "not_clear"


@dataclass(frozen=True, slots=True)
class EmploymentCheck:
    """One check's outcome, never its documents. `details` are by check type, e.g. the DBS level."""

    type: CheckType
    outcome: CheckOutcome
    checked_on: date | None
    checked_by: str
    expires_on: date | None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """One person with one of their assignments and their checks, read at `read_at` (UTC)."""

    person: Person
    assignment: Assignment
    checks: tuple[EmploymentCheck, ...]
    read_at: datetime
