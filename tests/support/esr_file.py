"""Writes ESR's outbound files of invented staff, line by line, as a test wants them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.esr_feed.layout import Layout
from agent.esr_plugin.feed_settings import layout_of
from schemas.esr_outbound import outbound_layout

VPD = "901"
LAYOUT: Layout = layout_of({})
"""The layout as `schemas/esr/outbound.yml` has it."""


def line(kind: str, values: dict[str, str]) -> str:
    """A line that says how a record is; columns that are not given are blank."""
    return "~".join([outbound_layout().records[kind].update, *_cells(kind, values)])


def a_deletion(kind: str, **values: str) -> str:
    """A line that says that a record is gone."""
    return "~".join([outbound_layout().records[kind].delete, *_cells(kind, values)])


def _cells(kind: str, values: dict[str, str]) -> list[str]:
    columns = outbound_layout().records[kind].columns
    if unknown := values.keys() - set(columns):
        raise KeyError(f"{kind} has no {sorted(unknown)}")
    return [values.get(column, "") for column in columns]


def a_person(number: int = 1, **changed: str) -> str:
    """Somebody who is employed."""
    values = {
        "PersonId": str(500_000 + number),
        "EffectiveStart": "20200106",
        "EffectiveEnd": "47121231",
        "EmployeeNumber": f"{90_100_000 + number:08}",
        "LastName": "Fennwick",
        "FirstName": "Amara",
        "DOB": "19900517",
        "NINumber": "JR482913B",
        "EthnicOrigin": "Z",
        "MaritalStatus": "Single",
        "CSD3Months": "20200106",
        "DisabilityFlag": "N",
    }
    return line("person", values | changed)


def an_assignment(number: int = 1, **changed: str) -> str:
    """Their post."""
    values = {
        "PersonId": str(500_000 + number),
        "AssignmentId": str(700_000 + number),
        "EffectiveStart": "20200106",
        "EffectiveEnd": "47121231",
        "EarliestAssignmentStart": "20200106",
        "AssignmentNumber": f"{90_100_000 + number:08}",
        "UserAssignmentStatus": "Active Assignment",
        "AssignmentCategory": "Permanent",
        "PrimaryAssignment": "Yes",
        "FTE": "1",
        "OrganisationId": "30",
        "PositionId": "20",
        "PositionName": "3559596|Staff Nurse|N6A|Acute",
        "Grade": "NHS|XR05|Review Body Band 5",
        "AnnualSalary": "31415.92",
        "JobName": "Nursing and Midwifery Registered|Staff Nurse",
    }
    return line("assignment", values | changed)


def a_position(**changed: str) -> str:
    values = {
        "PositionId": "20",
        "EffectiveFrom": "20100101",
        "PositionNumber": "3559596",
        "PositionName": "3559596|Staff Nurse|N6A|Acute",
        "JobStaffGroup": "Nursing and Midwifery Registered",
        "JobRole": "Staff Nurse",
        "OccupationCode": "N6A",
    }
    return line("position", values | changed)


def a_department(**changed: str) -> str:
    values = {"OrganisationId": "30", "EffectiveFrom": "20100101", "OrganisationName": "Ward 7"}
    return line("organisation", values | changed)


def checks(number: int = 1, **changed: str) -> str:
    """The six of a person, all clear; the DBS check has a next date."""
    values = {
        "PersonId": str(500_000 + number),
        "Identity": "Clear|20191201|Recruitment Services||H1A",
        "RightToWork": "Clear|20191201|Recruitment Services|",
        "RegistrationQualification": "Clear|20191201|Recruitment Services|20300101",
        "HistoryReferences": "Clear|20191201|Recruitment Services|",
        "Dbs": "Clear|20191201|Recruitment Services|20291201|Enhanced|001790100001|20191120|Yes|Adults",
        "WorkHealth": "Clear|20191201|Occupational Health||No",
    }
    return line("checks", values | changed)


def a_registration(number: int = 1, **changed: str) -> str:
    values = {
        "PersonId": str(500_000 + number),
        "RegistrationId": str(900_000 + number),
        "Body": "NMC",
        "Number": f"12A{number:04}E",
        "Status": "Registered",
        "RegisteredFrom": "20120901",
        "ExpiryDate": "20270831",
    }
    return line("registration", values | changed)


def somebody(number: int = 1) -> list[str]:
    """A person with all that there is of them."""
    return [a_person(number), an_assignment(number), checks(number), a_registration(number)]


def a_header(kind: str = "F", sequence: int = 1, vpd: str = VPD) -> str:
    return f"HDR~{vpd}~{kind}~20261127 030000~{sequence:08}"


def a_file(body: Sequence[str], kind: str = "F", sequence: int = 1, *, vpd: str = VPD) -> list[str]:
    """All lines of a file."""
    return [a_header(kind, sequence, vpd), *body, f"TRL~{len(body)}"]


def encoded(lines: Iterable[str], *, encoding: str = "utf-8", end: str = "\n") -> bytes:
    return "".join(f"{one}{end}" for one in lines).encode(encoding)


def write(folder: Path, body: Sequence[str], kind: str = "F", sequence: int = 1, *, vpd: str = VPD) -> Path:
    """A file under the name that such files have."""
    path = folder / f"GO_{vpd}_{kind}_20261127_{sequence:08}.DAT"
    path.write_bytes(encoded(a_file(body, kind, sequence, vpd=vpd)))
    return path
