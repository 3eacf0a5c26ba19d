"""Effective-dated slices: how a record was before, and from which day it will be otherwise."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from esr_sandbox import names
from esr_sandbox.records import Assignment, OpenDate, Person, PersonSlice, StaffMember

_DAY = timedelta(days=1)
_OPEN = (date(1900, 1, 1), date(4712, 12, 31))


def day(value: OpenDate) -> date | None:
    """Read a date; None when it is open, in whichever way that was written."""
    return value if isinstance(value, date) and value not in _OPEN else None


def with_history(random: Random, member: StaffMember, today: date) -> StaffMember:
    """Give some people a past under another name or on other hours, and some a change that is to come."""
    persons = (*_earlier_name(random, member.person, today), *_name_to_come(random, member.person, today))
    assignments, others = _with_earlier_hours(random, member.assignments, today)
    others += tuple(_hours_to_come(random, assignments, today))
    if not persons and not others:
        return member
    changes = {"person_slices": persons, "assignments": assignments, "assignment_slices": others}
    return member.model_copy(update=changes)


def turned(member: StaffMember, today: date) -> StaffMember:
    """Let what was to come by `today` be how things are; what was, is past."""
    for person_slice in sorted(member.person_slices, key=_start):
        if _begins(person_slice.effective_start, person_start(member), today):
            member = _person_turned(member, person_slice)
    for later in sorted(member.assignment_slices, key=_start):
        member = _assignment_turned(member, later, today)
    return member


def changed_name(member: StaffMember, person: Person, on: date) -> StaffMember:
    """Let `person` be how they are from `on`, and keep how they were until the day before."""
    return _person_turned(member, PersonSlice(effective_start=on, effective_end=None, person=person))


def changed_terms(member: StaffMember, terms: Assignment) -> StaffMember:
    """Let `terms` hold from their first day, and keep those of before until the day before."""
    now = _present(member, terms.assignment_number)
    if now is None or now.effective_start >= terms.effective_start:
        return with_present(member, terms)
    past = now.model_copy(update={"effective_end": terms.effective_start - _DAY})
    kept = member.model_copy(update={"assignment_slices": (*member.assignment_slices, past)})
    return with_present(kept, terms)


def with_present(member: StaffMember, terms: Assignment) -> StaffMember:
    """Put `terms` in the place of what the assignment of that number is now."""
    number = terms.assignment_number
    assignments = tuple(terms if each.assignment_number == number else each for each in member.assignments)
    return member.model_copy(update={"assignments": assignments})


def person_start(member: StaffMember) -> date:
    """Return since when the person is as they are now."""
    before = [_end(each) for each in member.person_slices if each.effective_end]
    return max([last + _DAY for last in before if last is not None], default=member.person.hire_date)


def later_persons(member: StaffMember) -> list[PersonSlice]:
    """List what the person will be, soonest first."""
    now = person_start(member)
    return sorted((each for each in member.person_slices if each.effective_start > now), key=_start)


def later_terms(member: StaffMember, now: Assignment) -> list[Assignment]:
    """List the terms to come of one assignment, soonest first."""
    same = [e for e in member.assignment_slices if e.assignment_number == now.assignment_number]
    return sorted((each for each in same if each.effective_start > now.effective_start), key=_start)


def without_later_terms(member: StaffMember, number: str, last_day: date) -> StaffMember:
    """Forget terms that would begin after the assignment has ended."""
    kept = tuple(
        each
        for each in member.assignment_slices
        if each.assignment_number != number or each.effective_start <= last_day
    )
    return member.model_copy(update={"assignment_slices": kept})


def _earlier_name(random: Random, who: Person, today: date) -> Iterator[PersonSlice]:
    before = who.previous_last_name or who.maiden_name
    if not before or (days := (today - who.hire_date).days) <= 1:
        return
    changed = who.hire_date + timedelta(days=random.randrange(1, days))
    was = who.model_copy(update={"last_name": before, "maiden_name": "", "previous_last_name": ""})
    yield PersonSlice(effective_start=who.hire_date, effective_end=changed - _DAY, person=was)


def _name_to_come(random: Random, who: Person, today: date) -> Iterator[PersonSlice]:
    if random.randrange(60) or who.employee_status_flag != "Current":
        return
    start = today + timedelta(days=random.randrange(5, 50))
    names_then = {"last_name": names.surname(random), "previous_last_name": who.last_name}
    then = who.model_copy(update=names_then)
    yield PersonSlice(effective_start=start, effective_end=None, person=then)


def _with_earlier_hours(
    random: Random, assignments: tuple[Assignment, ...], today: date
) -> tuple[tuple[Assignment, ...], tuple[Assignment, ...]]:
    """Return the assignments as they are now, and the terms on which some were held before."""
    now, before = [], []
    for each in assignments:
        last = min(today, day(each.effective_end) or today)
        days = (last - each.effective_start).days
        if each.fte == 0 or days <= 1 or random.randrange(20):
            now.append(each)
            continue
        changed = each.effective_start + timedelta(days=random.randrange(1, days))
        now.append(each.model_copy(update={"effective_start": changed}))
        before.append(on_hours(each, 0.4).model_copy(update={"effective_end": changed - _DAY}))
    return tuple(now), tuple(before)


def _hours_to_come(random: Random, assignments: tuple[Assignment, ...], today: date) -> Iterator[Assignment]:
    for each in assignments:
        if each.fte and day(each.effective_end) is None and random.randrange(30) == 0:
            start = today + timedelta(days=random.randrange(5, 50))
            yield on_hours(each, 0.9).model_copy(update={"effective_start": start})


def on_hours(terms: Assignment, fte: float) -> Assignment:
    """Give an assignment other hours."""
    return terms.model_copy(update={"fte": fte, "normal_hours": round(37.5 * fte, 2)})


def _person_turned(member: StaffMember, turn: PersonSlice) -> StaffMember:
    first = person_start(member)
    others = tuple(each for each in member.person_slices if each is not turn)
    if first < turn.effective_start:
        last = turn.effective_start - _DAY
        others = (
            *others,
            PersonSlice(effective_start=first, effective_end=last, person=member.person),
        )
    return member.model_copy(update={"person": turn.person, "person_slices": others})


def _assignment_turned(member: StaffMember, later: Assignment, today: date) -> StaffMember:
    now = _present(member, later.assignment_number)
    if now is None or not _begins(later.effective_start, now.effective_start, today):
        return member
    others = tuple(each for each in member.assignment_slices if each is not later)
    # An end that was agreed meanwhile stays agreed.
    agreed = {
        name: getattr(now, name) for name in ("effective_end", "assignment_end_date", "last_working_day")
    }
    turned_terms = later.model_copy(update=agreed)
    return changed_terms(member.model_copy(update={"assignment_slices": others}), turned_terms)


def _present(member: StaffMember, number: str) -> Assignment | None:
    return next((each for each in member.assignments if each.assignment_number == number), None)


def _begins(start: date, present: date, today: date) -> bool:
    return present < start <= today


def _start(each: PersonSlice | Assignment) -> date:
    return each.effective_start


def _end(each: PersonSlice) -> date | None:
    return day(each.effective_end)
