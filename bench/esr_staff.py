"""Outbound files of an invented organisation as large as wanted, written line by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.esr_outbound import outbound_layout

VPD = "901"
_START = "20200106"
_CLEAR = "Clear|20191201|Recruitment Services|"
_COMMON_PERSON = {
    "EffectiveStart": _START,
    "EffectiveEnd": "47121231",
    "Title": "Mx",
    "FirstName": "Amara",
    "DOB": "19900517",
    "HireDate": _START,
    "EmployeeStatusFlag": "Current",
    "CSD3Months": _START,
    "OfficeEmail": "somebody@staff.example",
    "LastUpdate": "20261126 181500",
}
_COMMON_ASSIGNMENT = {
    "EffectiveStart": _START,
    "EffectiveEnd": "47121231",
    "EarliestAssignmentStart": _START,
    "SystemAssignmentStatus": "Active Assignment",
    "UserAssignmentStatus": "Active Assignment",
    "AssignmentCategory": "Permanent",
    "PrimaryAssignment": "Yes",
    "NormalHours": "37.5",
    "Frequency": "W",
    "Grade": "NHS|XR05|Review Body Band 5",
    "JobName": "Nursing and Midwifery Registered|Staff Nurse",
    "LastUpdate": "20261126 181500",
}
_COMMON_CHECKS = {
    "Identity": f"{_CLEAR}|H1A",
    "RightToWork": _CLEAR,
    "RegistrationQualification": f"{_CLEAR}20300101",
    "HistoryReferences": _CLEAR,
    "WorkHealth": f"{_CLEAR}|No",
}


@dataclass(frozen=True, slots=True)
class Staff:
    """So many assignments; most people have one. `changed` of the assignments have other hours."""

    assignments: int
    changed: int = 0

    @property
    def people(self) -> int:
        """How many hold them."""
        return self.assignments * 9 // 10

    @property
    def _positions(self) -> int:
        return max(self.assignments // 10, 1)

    @property
    def _departments(self) -> int:
        return max(self.assignments // 200, 1)

    def everything(self) -> Iterator[str]:
        """Every line of a full file."""
        yield from map(_department, range(self._departments))
        yield from map(_position, range(self._positions))
        for number in range(self.people):
            yield _person(number)
            yield _checks(number)
            if number % 3 == 0:
                yield _registration(number)
        yield from map(self._assignment, range(self.assignments))

    def changes(self) -> Iterator[str]:
        """The lines of a delta that has what is changed, and nothing else."""
        yield from map(self._assignment, range(self.changed))

    def _assignment(self, number: int) -> str:
        holder, suffix = (number, "") if number < self.people else (number - self.people, "-2")
        position = number % self._positions
        return _line(
            "assignment",
            _COMMON_ASSIGNMENT
            | {
                "PersonId": f"5{holder:07}",
                "AssignmentId": f"7{number:07}",
                "AssignmentNumber": f"{10_000_000 + holder}{suffix}",
                "FTE": "0.6" if number < self.changed else "1",
                "OrganisationId": f"3{number % self._departments:05}",
                "PositionId": f"2{position:06}",
                "PositionName": _position_name(position),
                "AnnualSalary": "31415.92",
            },
        )


def write(path: Path, body: Iterable[str], kind: str, sequence: int) -> int:
    """Write a file; how many lines stand between its header and its trailer."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write(f"HDR~{VPD}~{kind}~20261127 030000~{sequence:08}\n")
        for line in body:
            file.write(f"{line}\n")
            count += 1
        file.write(f"TRL~{count}\n")
    return count


def _line(kind: str, values: Mapping[str, str]) -> str:
    record = outbound_layout().records[kind]
    return "~".join([record.update, *(values.get(column, "") for column in record.columns)])


def _department(number: int) -> str:
    values = {"OrganisationId": f"3{number:05}", "OrganisationName": f"Ward {number}"}
    return _line("organisation", values | {"EffectiveFrom": "20100101"})


def _position_name(number: int) -> str:
    return f"{3_000_000 + number}|Staff Nurse {number % 50}|N6A|Acute"


def _position(number: int) -> str:
    values = {
        "PositionId": f"2{number:06}",
        "EffectiveFrom": "20100101",
        "PositionNumber": str(3_000_000 + number),
        "PositionName": _position_name(number),
        "JobStaffGroup": "Nursing and Midwifery Registered",
        "JobRole": "Staff Nurse",
        "OccupationCode": "N6A",
    }
    return _line("position", values)


def _person(number: int) -> str:
    own = {
        "PersonId": f"5{number:07}",
        "EmployeeNumber": str(10_000_000 + number),
        "LastName": f"Fennwick-{number}",
    }
    return _line("person", _COMMON_PERSON | own)


def _checks(number: int) -> str:
    dbs = f"{_CLEAR}20291201|Enhanced|{1_790_000_000 + number:012}|20191120|Yes|Adults"
    return _line("checks", _COMMON_CHECKS | {"PersonId": f"5{number:07}", "Dbs": dbs})


def _registration(number: int) -> str:
    values = {
        "PersonId": f"5{number:07}",
        "RegistrationId": f"9{number:07}",
        "Body": "NMC",
        "Number": f"12A{number:07}E",
        "Status": "Registered",
        "RegisteredFrom": "20120901",
        "ExpiryDate": "20270831",
    }
    return _line("registration", values)
