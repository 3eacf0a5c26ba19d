"""What is otherwise: from how somebody stood on one day, and stands on another, to changes that matter.

What no credential carries is not known here, so it cannot make a change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from agent.domain.check_gaps import check_gaps
from agent.domain.ports.staff_changes import Difference, StaffChange, StaffChangeKind
from agent.domain.workforce import AssignmentNumber, CheckOutcome, CheckType, EmployeeNumber, EmploymentCheck

type Claims = Mapping[str, str]
_EXPIRY = "registrationExpiryDate"


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """One check, and what a credential says of it."""

    outcome: CheckOutcome
    expires_on: date | None
    claims: Claims


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is employed, with what is in force on one day. Registrations are by ESR's identifier."""

    number: EmployeeNumber
    claims: Claims
    assignments: Mapping[AssignmentNumber, Claims] = field(default_factory=dict)
    checks: Mapping[CheckType, KnownCheck] = field(default_factory=dict)
    registrations: Mapping[str, Claims] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands on a day; `person` is None when nobody of that number is employed then."""

    day: date
    person: KnownPerson | None


def changes(before: Standing, after: Standing) -> Iterator[StaffChange]:
    """Every change from one day to another. Who was not there before is new, and makes none."""
    if before.person is None:
        return
    if after.person is None:
        yield from _left(before.person, after.day)
        return
    both = _Both(before.person, after.person, before.day, after.day)
    yield from _of_the_person(both)
    yield from _of_assignments(both)
    yield from _of_checks(both)
    yield from _of_registrations(both)


@dataclass(frozen=True, slots=True)
class _Both:
    """Somebody who is employed on both days."""

    was: KnownPerson
    now: KnownPerson
    since: date
    on: date


def _left(person: KnownPerson, on: date) -> Iterator[StaffChange]:
    """That they left, and that each of their assignments ended with it."""
    yield StaffChange(StaffChangeKind.PERSON_LEFT, person.number, on)
    for number in sorted(person.assignments):
        yield StaffChange(StaffChangeKind.ASSIGNMENT_ENDED, person.number, on, number)


def _of_the_person(both: _Both) -> Iterator[StaffChange]:
    """Names and date of birth, without what they were and are."""
    if found := _differences(both.was.claims, both.now.claims):
        names = tuple(Difference(each.name) for each in found)
        yield StaffChange(StaffChangeKind.PERSON_CHANGED, both.was.number, both.on, differences=names)


def _of_assignments(both: _Both) -> Iterator[StaffChange]:
    """Of each that was known; one that is new makes none."""
    for number, was in sorted(both.was.assignments.items()):
        if (now := both.now.assignments.get(number)) is None:
            yield StaffChange(StaffChangeKind.ASSIGNMENT_ENDED, both.was.number, both.on, number)
        elif found := _differences(was, now):
            kind = StaffChangeKind.ASSIGNMENT_CHANGED
            yield StaffChange(kind, both.was.number, both.on, number, differences=found)


def _of_checks(both: _Both) -> Iterator[StaffChange]:
    """A check that says the same may have run out meanwhile; one that is new is renewed."""
    lacked, lacking = _lacking(both.was, both.since), _lacking(both.now, both.on)
    for check in CheckType:
        found = _differences(_claims(both.was, check), _claims(both.now, check))
        if found or (check in lacking and check not in lacked):
            kind = StaffChangeKind.CHECK_LAPSED if check in lacking else StaffChangeKind.CHECK_RENEWED
            yield StaffChange(kind, both.was.number, both.on, check=check, differences=found)


def _of_registrations(both: _Both) -> Iterator[StaffChange]:
    """What each says, that it is new or gone, or that it ran out meanwhile."""
    for name in sorted({*both.was.registrations, *both.now.registrations}):
        was, now = both.was.registrations.get(name, {}), both.now.registrations.get(name, {})
        found = _differences(was, now)
        if not found and _valid(was, both.since) and not _valid(now, both.on):
            found = (Difference(_EXPIRY, was[_EXPIRY], now[_EXPIRY]),)
        if found:
            told = tuple(map(_without_the_number, found))
            kind = StaffChangeKind.REGISTRATION_CHANGED
            yield StaffChange(kind, both.was.number, both.on, differences=told)


def _differences(before: Claims, after: Claims) -> tuple[Difference, ...]:
    """By name; a claim that is not there is empty."""
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in sorted({*before, *after}))
    return tuple(Difference(name, was, now) for name, was, now in pairs if was != now)


def _claims(person: KnownPerson, check: CheckType) -> Claims:
    return person.checks[check].claims if check in person.checks else {}


def _lacking(person: KnownPerson, day: date) -> frozenset[CheckType]:
    """Every check that is not as it should be on the day."""
    known = (
        EmploymentCheck(kind, check.outcome, None, "", check.expires_on)
        for kind, check in person.checks.items()
    )
    return frozenset(gap.type for gap in check_gaps(known, on=day))


def _valid(registration: Claims, on: date) -> bool:
    """The day of expiry is still covered."""
    expires = registration.get(_EXPIRY, "")
    return not expires or date.fromisoformat(expires) >= on


def _without_the_number(difference: Difference) -> Difference:
    """What is kept of a number is a keyed hash, which says nothing to anybody."""
    return Difference(difference.name) if difference.name == "registrationNumber" else difference
