"""The person whom ESR has, beside what was typed, and what their passport would say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from agent.domain.check_gaps import Lack
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchState
from portal.agent_client.esr import (
    ComparedField,
    FoundAssignment,
    FoundCheck,
    FoundPerson,
    Match,
)
from portal.agent_client.passports import Preview, PreviewedClaim
from portal.forms.fields import mended
from portal.forms.issue import SearchForm
from portal.pages.words import AGREEMENT, CHECK, LACK, OUTCOME, Word, written

FIELDS = {
    "surname": "Surname",
    "forenames": "Forenames",
    "date_of_birth": "Date of birth",
    "ni_number": "National Insurance number",
    "number": "Employee or assignment number",
}
STRENGTH = {
    MatchStrength.STRONG: "The National Insurance number, the date of birth and both names agree.",
    MatchStrength.NUMBER: "The number, the date of birth and both names agree.",
    MatchStrength.WEAK: "Not everything agrees. A second person has confirmed that this is the person.",
}
NEVER_SHOWN = "Compared, and never shown"
NOT_KEPT = "Not kept"
NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: as it was typed, as ESR has it, and whether they agree."""

    label: str
    typed: str
    recorded: str
    word: Word


@dataclass(frozen=True, slots=True)
class Barred:
    """An assignment that may not be passported, and why."""

    title: str
    detail: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class MatchPage:
    """Who was found, and what there is to choose from."""

    name: str
    strength: str
    rows: Sequence[FieldRow]
    choices: Sequence[Mapping[str, object]]
    """As the design system's radios take them."""
    barred: Sequence[Barred]
    leaves: str | None
    """The last day, where ESR has one."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A weak match before, or after, a second person has decided against it."""

    search: str
    refused: bool
    rows: Sequence[FieldRow]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One employment check, and what is the matter with it, if anything is."""

    label: str
    told: str
    gap: Word | None


@dataclass(frozen=True, slots=True)
class PreviewedPage:
    """What one credential would say."""

    title: str
    rows: Sequence[Mapping[str, object]]
    """As the design system's summary list takes them."""


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The last look before somebody is invited."""

    name: str
    rows: Sequence[Mapping[str, object]]
    checks: Sequence[CheckLine]
    obstacles: Sequence[str]
    credentials: Sequence[PreviewedPage]


def match_page(match: Match, person: FoundPerson, typed: SearchForm) -> MatchPage:
    """Of somebody who may be shown."""
    free = [each for each in match.assignments if not each.refusals]
    return MatchPage(
        full_name(person),
        STRENGTH[match.strength],
        [_row(field, typed, person) for field in match.fields],
        [_choice(each) for each in free],
        [_barred(each) for each in match.assignments if each.refusals],
        None if person.leaving_date is None else written(person.leaving_date),
        match.expires_at,
    )


def waiting_page(match: Match, typed: SearchForm) -> WaitingPage:
    """Of somebody who may not be shown."""
    rows = [_row(field, typed, None) for field in match.fields]
    return WaitingPage(match.search, match.state is SearchState.REFUSED, rows, match.expires_at)


def check_page(match: Match, person: FoundPerson, assignment: FoundAssignment, preview: Preview) -> CheckPage:
    """Of the person with the assignment that was chosen."""
    return CheckPage(
        full_name(person),
        [_line(key, value) for key, value in _about(person, assignment)],
        check_lines(match),
        [mended(each.sentence, each.mended_by) for each in preview.refusals],
        [PreviewedPage(each.title, claim_rows(each.claims)) for each in preview.credentials],
    )


def check_lines(match: Match) -> list[CheckLine]:
    """The checks in the order of the standards, those that are missing among them."""
    known, gaps = {each.type: each for each in match.checks}, {each.type: each.lack for each in match.gaps}
    lines = []
    for kind, label in CHECK.items():
        check, lack = known.get(kind), gaps.get(kind)
        told = "No record in ESR" if check is None else _told(check, lack)
        lines.append(CheckLine(label, told, None if lack is None else LACK[lack]))
    return lines


def claim_rows(claims: Sequence[PreviewedClaim]) -> list[Mapping[str, object]]:
    """What is said, and nothing of what is not."""
    return [_line(each.label, claim_value(each)) for each in claims if each.value]


def claim_value(claim: PreviewedClaim) -> str:
    """As people write it."""
    if claim.type == "date":
        return written(date.fromisoformat(claim.value))
    if claim.type == "boolean":
        return "Yes" if claim.value == "true" else "No"
    return claim.value


def full_name(person: FoundPerson) -> str:
    """First name and surname."""
    return f"{person.legal_first_name} {person.legal_surname}"


def _row(field: ComparedField, typed: SearchForm, person: FoundPerson | None) -> FieldRow:
    recorded = "" if person is None else _recorded(field.name, person)
    return FieldRow(FIELDS[field.name], _typed(field, typed), recorded, AGREEMENT[field.agreement])


def _typed(field: ComparedField, typed: SearchForm) -> str:
    if field.agreement is Agreement.NOT_GIVEN:
        return "Not given"
    born = typed.date_of_birth
    if field.name == "date_of_birth":
        return NOT_KEPT if born is None else written(born)
    return typed.typed[field.name] or NOT_KEPT


def _recorded(field: str, person: FoundPerson) -> str:
    forenames = " ".join(each for each in (person.legal_first_name, person.middle_names) if each)
    if person.preferred_name and person.preferred_name != person.legal_first_name:
        forenames = f"{forenames}, known as {person.preferred_name}"
    return {
        "surname": person.legal_surname,
        "forenames": forenames,
        "date_of_birth": written(person.date_of_birth),
        "ni_number": NEVER_SHOWN,
        "number": person.employee_number,
    }[field]


def _choice(assignment: FoundAssignment) -> dict[str, object]:
    return {
        "value": assignment.number,
        "text": f"{assignment.position_title}, {assignment.number}",
        "hint": {"text": _detail(assignment)},
    }


def _barred(assignment: FoundAssignment) -> Barred:
    return Barred(
        f"{assignment.position_title}, {assignment.number}",
        _detail(assignment),
        [mended(each.sentence, each.mended_by) for each in assignment.refusals],
    )


def _detail(assignment: FoundAssignment) -> str:
    rank = "Primary assignment" if assignment.primary else "Not the primary assignment"
    told = (
        assignment.department,
        assignment.staff_group,
        f"{assignment.category}, {assignment.fte} full-time equivalent",
        _time(assignment),
        rank,
    )
    return ". ".join(each for each in told if each) + "."


def _about(person: FoundPerson, assignment: FoundAssignment) -> tuple[tuple[str, str], ...]:
    return (
        ("Name", full_name(person)),
        ("Date of birth", written(person.date_of_birth)),
        ("Employee number", person.employee_number),
        ("Assignment", f"{assignment.position_title}, {assignment.number}"),
        ("Department", assignment.department),
        ("Category", assignment.category),
        ("Time", _time(assignment)),
    )


def _time(assignment: FoundAssignment) -> str:
    ends = [end for end in (assignment.end, assignment.fixed_term_end) if end is not None]
    since = f"From {written(assignment.start)}"
    return f"{since} to {written(min(ends))}" if ends else since


def _told(check: FoundCheck, lack: Lack | None) -> str:
    """What ESR has of a check; what its gap says already is not said twice."""
    told = [] if lack in {Lack.PENDING, Lack.NOT_CLEAR} else [OUTCOME[check.outcome]]
    if check.checked_on is not None:
        told.append(f"checked on {written(check.checked_on)}")
    if check.expires_on is not None:
        told.append(f"good until {written(check.expires_on)}")
    return ", ".join(told)


def _line(key: str, value: str) -> dict[str, object]:
    return {"key": {"text": key}, "value": {"text": value or NOT_RECORDED, "classes": "portal-wide"}}
