"""From ESR's records to the domain's; the one place that knows ESR's field names.

What is not read here does not get in: salary, ethnicity, disability and marital status have no reader.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from agent.domain.errors import InvalidInput, Unavailable
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    AssignmentStatus,
    CheckType,
    EmployeeNumber,
    EmploymentCheck,
    NiNumber,
    Person,
    Position,
    assignment_number,
    employee_number,
    ni_number,
)
from agent.esr_feed.words import BARRED_LISTS, MOST_FTE, OPEN, OUTCOMES, YES_NO
from agent.esr_plugin.matching import Candidate

type Json = object
"""Anything that JSON can say, before it was looked at."""

_CHECK_TYPES = {
    "IDENTITY": CheckType.IDENTITY,
    "RTW": CheckType.RIGHT_TO_WORK,
    "REG_QUAL": CheckType.REGISTRATION,
    "HISTORY_REF": CheckType.HISTORY,
    "DBS": CheckType.CRIMINAL_RECORD,
    "WORK_HEALTH": CheckType.WORK_HEALTH,
}


class MalformedAnswer(Unavailable):
    """ESR answered with something that its contract does not have; `where` names the field, not its value."""

    code = "esr_answer_malformed"

    def __init__(self, where: str) -> None:
        super().__init__("ESR answered with something that cannot be read.")
        self.where = where


@dataclass(frozen=True, slots=True)
class UserAccess:
    """A member of staff as a user of ESR; roles as pairs of name and VPD."""

    active: bool
    roles: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object, read field by field. Every reader raises `MalformedAnswer`."""

    values: Mapping[str, Json] = field(repr=False)

    @classmethod
    def of(cls, value: Json, where: str) -> "Fields":
        """The fields of `value`, which must be an object."""
        if not isinstance(value, dict):
            raise MalformedAnswer(where)
        return cls(value)

    def text(self, name: str) -> str:
        """A text that must be there; it may be empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise MalformedAnswer(name)
        return value.strip()

    def some_text(self, name: str) -> str:
        """A text that must not be empty."""
        if not (value := self.text(name)):
            raise MalformedAnswer(name)
        return value

    def optional_text(self, name: str) -> str:
        """A text, empty when there is none."""
        return "" if self.values.get(name) is None else self.text(name)

    def day(self, name: str) -> date:
        """A date that must be there."""
        if (day := self.open_day(name)) is None:
            raise MalformedAnswer(name)
        return day

    def open_day(self, name: str) -> date | None:
        """A date; None when it is open, however ESR writes that."""
        text = self.optional_text(name)
        if not text:
            return None
        day = self.read(name, date.fromisoformat)
        return None if day in OPEN else day

    def one_of[T](self, name: str, known: Mapping[str, T]) -> T:
        """What a known text stands for."""
        if (text := self.text(name)) not in known:
            raise MalformedAnswer(name)
        return known[text]

    def read[T](self, name: str, reader: Callable[[str], T]) -> T:
        """A text as `reader` reads it."""
        try:
            return reader(self.text(name))
        except (ValueError, InvalidInput) as error:
            raise MalformedAnswer(name) from error

    def list_of(self, name: str) -> list["Fields"]:
        """A list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list):
            raise MalformedAnswer(name)
        return [Fields.of(each, name) for each in value]


def candidates(answer: Json) -> tuple[tuple[Candidate, ...], bool]:
    """Who could be meant, and whether that is everyone."""
    fields = Fields.of(answer, "candidates")
    complete = fields.values.get("complete")
    if not isinstance(complete, bool):
        raise MalformedAnswer("complete")
    return tuple(_candidate(each) for each in fields.list_of("people")), complete


def _candidate(fields: Fields) -> Candidate:
    first, middle, preferred = (fields.text(name) for name in ("firstName", "middleNames", "preferredName"))
    last, maiden, previous = (fields.text(name) for name in ("lastName", "maidenName", "previousLastName"))
    preferred_last = preferred.split()[-1] if len(preferred.split()) > 1 else ""
    return Candidate(
        employee_number=fields.read("employeeNumber", employee_number),
        surnames=_given(last, maiden, previous, preferred_last),
        forenames=_given(first, f"{first} {middle}", preferred),
        date_of_birth=fields.day("dateOfBirth"),
        ni_number=_ni_number(fields),
    )


def _given(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _ni_number(fields: Fields) -> NiNumber | None:
    """The NI number, or None: ESR has people without one, and old ones of other shapes."""
    try:
        return ni_number(fields.optional_text("niNumber"))
    except InvalidInput:
        return None


def person(answer: Json) -> Person:
    """A person without what no credential carries."""
    fields = Fields.of(answer, "person")
    return Person(
        employee_number=fields.read("employeeNumber", employee_number),
        legal_first_name=fields.some_text("firstName"),
        middle_names=fields.text("middleNames"),
        legal_surname=fields.some_text("lastName"),
        preferred_name=fields.text("preferredName"),
        date_of_birth=fields.day("dateOfBirth"),
        continuous_service_date=fields.open_day("csd3Months"),
        leaving_date=fields.open_day("actualTerminationDate"),
    )


def assignments(answer: Json) -> tuple[Assignment, ...]:
    """All of a person's assignments, past and future ones too, the primary first. Each is given once."""
    listed = [_assignment(each) for each in Fields.of(answer, "assignments").list_of("assignments")]
    if len({each.number for each in listed}) != len(listed):
        raise MalformedAnswer("assignmentNumber")
    return tuple(sorted(listed, key=lambda each: (not each.primary, _sequence(each.number))))


def _sequence(number: AssignmentNumber) -> int:
    return int(number.partition("-")[2] or 1)


def _assignment(fields: Fields) -> Assignment:
    """One assignment, which does not end before it starts."""
    assignment = _read_assignment(fields)
    if assignment.end is not None and assignment.end < assignment.start:
        raise MalformedAnswer("assignmentEndDate")
    return assignment


def _read_assignment(fields: Fields) -> Assignment:
    return Assignment(
        number=fields.read("assignmentNumber", assignment_number),
        position=_position(fields),
        category=fields.some_text("assignmentCategory"),
        status=fields.read("userAssignmentStatus", AssignmentStatus),
        primary=fields.one_of("primaryAssignment", {"Yes": True, "No": False}),
        fte=_fte(fields),
        start=fields.open_day("earliestAssignmentStart") or fields.day("effectiveStart"),
        end=_earliest(fields.open_day("assignmentEndDate"), fields.open_day("effectiveEnd")),
        fixed_term_end=fields.open_day("contractEndDate"),
    )


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _fte(fields: Fields) -> str:
    value = fields.values.get("fte")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_FTE:
        raise MalformedAnswer("fte")
    return f"{Decimal(str(value)):.2f}"


def _position(fields: Fields) -> Position:
    """ESR joins these by `|`: "number|title|occupation code|area of work", "set|code|name", "group|role"."""
    number, title, occupation_code, area = _composite(fields, "positionName", 4)
    staff_group, job_role = _composite(fields, "job", 2)
    grade = fields.optional_text("grade").split("|")
    return Position(
        number=number,
        title=title,
        department=fields.text("organisation"),
        area_of_work=area,
        staff_group=staff_group,
        job_role=job_role,
        occupation_code=occupation_code,
        pay_band=grade[-1].strip(),
    )


def _composite(fields: Fields, name: str, count: int) -> list[str]:
    """The parts of a composite field; those missing at its end are empty."""
    found = [part.strip() for part in fields.text(name).split("|")]
    if len(found) > count:
        raise MalformedAnswer(name)
    return found + [""] * (count - len(found))


def checks(answer: Json) -> tuple[EmploymentCheck, ...]:
    """A person's employment checks, in the order of the standards. A check given twice is malformed."""
    listed = [_check(each) for each in Fields.of(answer, "checks").list_of("checks")]
    if len({each.type for each in listed}) != len(listed):
        raise MalformedAnswer("checkType")
    return tuple(sorted(listed, key=lambda each: list(CheckType).index(each.type)))


def _check(fields: Fields) -> EmploymentCheck:
    kind = fields.one_of("checkType", _CHECK_TYPES)
    return EmploymentCheck(
        type=kind,
        outcome=fields.one_of("outcome", OUTCOMES),
        checked_on=fields.open_day("checkDate"),
        checked_by=fields.text("checkedBy"),
        expires_on=fields.open_day("nextDate"),
        details=tuple((name, value) for name, value in _details(kind, fields).items() if value),
    )


def _details(kind: CheckType, fields: Fields) -> dict[str, str]:
    """What only this kind of check has, by the name of its claim."""
    match kind:
        case CheckType.IDENTITY:
            return {"gpg45Profile": fields.optional_text("gpg45Profile")}
        case CheckType.CRIMINAL_RECORD:
            return {
                "dbsLevel": fields.optional_text("dbsLevel"),
                "dbsCertificateReference": fields.optional_text("dbsCertificateReference"),
                "dbsIssueDate": _iso(fields.open_day("dbsIssueDate")),
                "dbsUpdateService": _known(fields, "dbsUpdateService", YES_NO),
                "dbsBarredLists": _known(fields, "dbsBarredLists", BARRED_LISTS),
            }
        case CheckType.WORK_HEALTH:
            return {"workHealthRestrictions": _known(fields, "workHealthRestrictions", YES_NO)}
        case _:
            return {}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _known(fields: Fields, name: str, known: Mapping[str, str]) -> str:
    """What a known text stands for; empty when there is none."""
    return fields.one_of(name, known) if fields.optional_text(name) else ""


def user_access(answer: Json) -> UserAccess:
    """A user's access record."""
    fields = Fields.of(answer, "access")
    roles = ((each.text("role"), each.text("vpd")) for each in fields.list_of("supplementaryRoles"))
    active = fields.one_of("userRecordStatus", {"Active": True, "Inactive": False})
    return UserAccess(active=active, roles=frozenset(roles))


def employee_number_of(answer: Json) -> EmployeeNumber:
    """Of whom an answer speaks."""
    return Fields.of(answer, "employeeNumber").read("employeeNumber", employee_number)


def search(criteria: SearchCriteria) -> dict[str, str]:
    """What ESR is asked for; names are compared here, so they are not sent."""
    asked = {"dateOfBirth": criteria.date_of_birth.isoformat()}
    if criteria.ni_number is not None:
        asked["niNumber"] = criteria.ni_number
    if criteria.number is not None:
        asked["employeeNumber"] = criteria.number.partition("-")[0]
    return asked
