"""Invented staff records for unit tests."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from agent.domain.credentials import CredentialType
from agent.domain.ports.trust import Authority, TrustedOrganisation
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    AssignmentStatus,
    CheckOutcome,
    CheckType,
    EmployeeNumber,
    EmploymentCheck,
    OdsCode,
    Organisation,
    Person,
    Position,
    StaffRecord,
    Vpd,
)

TODAY = date(2026, 11, 23)
NORTHMOOR = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
DID = "did:webvh:scid:registry.staff-passport.example:organisations:northmoor"


def a_person(**changed: Any) -> Person:
    person = Person(
        employee_number=EmployeeNumber("90100010"),
        legal_first_name="Amara",
        middle_names="",
        legal_surname="Fennwick",
        preferred_name="",
        date_of_birth=date(1990, 5, 17),
        continuous_service_date=date(2020, 1, 6),
        leaving_date=None,
    )
    return replace(person, **changed)


def an_assignment(**changed: Any) -> Assignment:
    position = Position(
        "3559596",
        "Staff Nurse",
        "Ward 7",
        "Acute",
        "Nursing and Midwifery Registered",
        "Staff Nurse",
        "N6A",
        "5",
    )
    assignment = Assignment(
        number=AssignmentNumber("90100010"),
        position=position,
        category="Permanent",
        status=AssignmentStatus.ACTIVE,
        primary=True,
        fte="1.00",
        start=date(2023, 8, 11),
        end=None,
        fixed_term_end=None,
    )
    return replace(assignment, **changed)


def a_check(kind: CheckType, **changed: Any) -> EmploymentCheck:
    details = (("gpg45Profile", "H1A"),) if kind is CheckType.IDENTITY else ()
    check = EmploymentCheck(kind, CheckOutcome.CLEAR, date(2023, 8, 1), "Recruitment Services", None, details)
    return replace(check, **changed)


def a_record(**changed: Any) -> StaffRecord:
    checks = tuple(a_check(kind) for kind in CheckType)
    record = StaffRecord(a_person(), an_assignment(), checks, datetime(2026, 11, 23, 9, tzinfo=UTC))
    return replace(record, **changed)


def authorities(*types: CredentialType, **changed: Any) -> tuple[Authority, ...]:
    """For these types, since long ago."""
    return tuple(replace(Authority(each, date(2020, 1, 1)), **changed) for each in types)


def a_trusted_organisation(**changed: Any) -> TrustedOrganisation:
    every = authorities(*CredentialType)
    entry = TrustedOrganisation(DID, NORTHMOOR.ods_code, NORTHMOOR.name, every, every)
    return replace(entry, **changed)
