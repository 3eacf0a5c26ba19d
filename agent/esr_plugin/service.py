"""Staff records out of ESR: found by one person at a time, read anew at every use."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, NotFound, Refused
from agent.domain.ports.audit import Audit, AuditOutcome, code_of, outcome_of
from agent.domain.ports.staff_records import (
    SHOWN,
    Agreement,
    FoundPerson,
    Match,
    MatchStrength,
    SearchCriteria,
    SearchId,
    SearchState,
    StaffRecords,
    StaffRecordsBatch,
)
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    EmployeeNumber,
    EmploymentCheck,
    Person,
    StaffRecord,
)
from agent.esr_plugin import mapping
from agent.esr_plugin.access import EsrGate
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.fingerprint import fingerprint, person_fingerprint
from agent.esr_plugin.limits import AttemptKind, Attempts
from agent.esr_plugin.mapping import Json, MalformedAnswer
from agent.esr_plugin.matching import Candidate, Found, the_one
from agent.esr_plugin.searches import SEARCH_LIFE, WEAK_LIFE, Keyed, RememberedSearch, Searches

BATCH_PEOPLE = 25
BATCH_LIFE = timedelta(seconds=60)
NEAR = timedelta(days=90)
"""An assignment that ended, or begins, within so many days is shown, and why it cannot be passported."""


class EsrStaffRecords(StaffRecords):
    """One organisation's staff, as its ESR has them."""

    def __init__(
        self,
        esr: Esr,
        gate: EsrGate,
        searches: Searches,
        attempts: Attempts,
        audit: Audit,
        *,
        search_key: bytes,
        clock: Clock = utc_now,
    ) -> None:
        self._esr = esr
        self._gate = gate
        self._searches = searches
        self._attempts = attempts
        self._audit = audit
        self._search_key = search_key
        self._clock = clock

    async def search(self, criteria: SearchCriteria, *, by: Actor) -> Match:
        """Find the one person; recorded under keyed hashes of what was searched for, found or not."""
        async with self._recorded(criteria, by), self._gate.open_to(by):
            return await self._search(criteria, by, AttemptKind.SEARCH)

    async def found(self, search: SearchId, *, by: Actor) -> Match:
        """Look a search up; whoever may be shown is read from ESR again, behind the gate."""
        remembered = await self._searches.own(search, by=by.id, now=self._clock())
        if remembered.state not in SHOWN:
            return _match(remembered, None)
        async with self._noted("read ESR for a search", by, search), self._gate.open_to(by):
            return _match(remembered, await self._shown(remembered.employee_number))

    async def chosen(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """Read the chosen assignment of whom `by` found, after asking whether they still may."""
        async with self._noted("choose assignment in ESR", by, search), self._gate.open_to(by):
            remembered = await self._searches.own(search, by=by.id, now=self._clock())
            _require_shown(remembered)
            return await self._record(remembered.employee_number, number)

    async def record(self, person: EmployeeNumber, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """Read a person and one of their assignments, ended or not: policies say what that means."""
        async with self._read_of(person, by), self._gate.open_to(by):
            return await self._record(person, number)

    def batch(self, *, by: Actor) -> AbstractAsyncContextManager[StaffRecordsBatch]:
        """Open the gate once; it shuts behind the batch, and a batch that is over gets nothing more."""
        return self._batch(by)

    @asynccontextmanager
    async def _batch(self, by: Actor) -> AsyncIterator[StaffRecordsBatch]:
        async with self._noted("open ESR to a batch", by, by.id), self._gate.open_to(by):
            opened = EsrBatch(partial(self._search_row, by), partial(self._read_row, by), self._clock)
        try:
            yield opened
        finally:
            opened.close()

    async def _search_row(self, by: Actor, criteria: SearchCriteria) -> Match:
        """As `search`, behind a gate that a batch has opened; by a number of the person, or not at all.

        Otherwise any number would do, to try names and birthdays out in the place of searches.
        """
        async with self._recorded(criteria, by):
            return await self._search(criteria, by, AttemptKind.ROW)

    async def _read_row(self, by: Actor, person: EmployeeNumber, number: AssignmentNumber) -> StaffRecord:
        """As `record`, behind a gate that a batch has opened."""
        async with self._read_of(person, by):
            return await self._record(person, number)

    def _read_of(self, person: EmployeeNumber, by: Actor) -> AbstractAsyncContextManager[None]:
        return self._noted("read ESR record", by, person_fingerprint(person, self._search_key))

    def _recorded(self, criteria: SearchCriteria, by: Actor) -> AbstractAsyncContextManager[object]:
        subject = fingerprint(criteria, self._search_key)
        return self._audit.recording("search ESR", actor=by.id, subject=subject)

    @asynccontextmanager
    async def _noted(self, action: str, by: Actor, subject: str) -> AsyncIterator[None]:
        """Record the use once it has ended, let in or not: reading takes nothing irrevocable with it."""
        outcome, code = AuditOutcome.DONE, None
        try:
            yield
        except BaseException as error:
            outcome, code = outcome_of(error), code_of(error)
            raise
        finally:
            await self._audit.note(action, actor=by.id, subject=subject, outcome=outcome, code=code)

    async def _search(self, criteria: SearchCriteria, by: Actor, kind: AttemptKind) -> Match:
        """Count it, find, and remember whom; what shows nobody is counted as a miss."""
        now = self._clock()
        attempt = await self._attempts.take(kind, by=by, now=now)
        try:
            found = await self._find(criteria)
            if kind is AttemptKind.ROW:
                _require_its_number(found)
        except (NotFound, Refused):
            await self._attempts.missed(attempt, by=by, now=now)
            raise
        remembered = _remembered(found, criteria, by, now)
        shown = await self._shown(remembered.employee_number) if remembered.state in SHOWN else None
        await self._searches.keep(remembered)
        if shown is None:
            await self._attempts.missed(attempt, by=by, now=now)
        return _match(remembered, shown)

    async def _find(self, criteria: SearchCriteria) -> Found:
        answer = await self._esr.candidates(mapping.search(criteria))
        candidates, complete = mapping.candidates(answer)
        known = [await self._with_assignment_numbers(each, criteria) for each in candidates]
        return the_one(criteria, known, complete=complete)

    async def _with_assignment_numbers(self, candidate: Candidate, criteria: SearchCriteria) -> Candidate:
        """With the assignments' numbers, when the number given is that of a second post of this person."""
        if criteria.number is None or not criteria.number.startswith(f"{candidate.employee_number}-"):
            return candidate
        listed = mapping.assignments(await self._esr.assignments(candidate.employee_number))
        return replace(candidate, assignment_numbers=frozenset(each.number for each in listed))

    async def _shown(self, number: EmployeeNumber) -> FoundPerson:
        person, (assignments, checks) = await asyncio.gather(
            self._person(number), self._posts_and_checks(number)
        )
        return FoundPerson(person, _near(assignments, london_day(self._clock())), checks)

    async def _person(self, number: EmployeeNumber) -> Person:
        try:
            answer: Json = await self._esr.person(number)
        except NotFound as error:
            raise NotFound(
                "This person is no longer in your organisation's ESR.", code="person_not_found"
            ) from error
        person = mapping.person(answer)
        if person.employee_number != number:
            raise MalformedAnswer("employeeNumber")
        return person

    async def _posts_and_checks(
        self, number: EmployeeNumber
    ) -> tuple[tuple[Assignment, ...], tuple[EmploymentCheck, ...]]:
        posts, checks = await asyncio.gather(self._esr.assignments(number), self._esr.checks(number))
        assignments = mapping.assignments(posts)
        if any(each.number.partition("-")[0] != number for each in assignments):
            raise MalformedAnswer("assignmentNumber")
        return assignments, mapping.checks(checks)

    async def _record(self, number: EmployeeNumber, chosen: AssignmentNumber) -> StaffRecord:
        read_at = self._clock()
        person = await self._person(number)
        assignments, checks = await self._posts_and_checks(number)
        for assignment in assignments:
            if assignment.number == chosen:
                return StaffRecord(person, assignment, checks, read_at)
        raise NotFound("This person has no such assignment.", code="assignment_not_found")


type _SearchRow = Callable[[SearchCriteria], Awaitable[Match]]
type _ReadRow = Callable[[EmployeeNumber, AssignmentNumber], Awaitable[StaffRecord]]


class EsrBatch(StaffRecordsBatch):
    """What one opening of the gate lets through."""

    def __init__(self, search: _SearchRow, read: _ReadRow, clock: Clock) -> None:
        self._search = search
        self._read = read
        self._clock = clock
        self._ends_at = clock() + BATCH_LIFE
        self._left = BATCH_PEOPLE

    async def search(self, criteria: SearchCriteria) -> Match:
        """Search for one more."""
        self._one_more()
        return await self._in_time(self._search(criteria))

    async def record(self, person: EmployeeNumber, number: AssignmentNumber) -> StaffRecord:
        """Read one more."""
        self._one_more()
        return await self._in_time(self._read(person, number))

    async def _in_time[T](self, answer: Awaitable[T]) -> T:
        """What is begun before the minute is over does not go on after it."""
        try:
            async with asyncio.timeout((self._ends_at - self._clock()).total_seconds()):
                return await answer
        except TimeoutError as error:
            raise _batch_over() from error

    def _one_more(self) -> None:
        if not self._left or self._clock() >= self._ends_at:
            raise _batch_over()
        self._left -= 1

    def close(self) -> None:
        """Nothing more is let through."""
        self._left = 0


def _batch_over() -> Conflict:
    return Conflict("The batch is over: ask again for whoever is left.", code="batch_over")


def _require_its_number(found: Found) -> None:
    """Raise `NotFound` unless an identifier that was given is the person's."""
    agreed = {name for name, how in found.fields if how is Agreement.AGREES}
    if agreed.isdisjoint({"ni_number", "number"}):
        raise NotFound("Nobody in your organisation's ESR has this number.", code="person_not_found")


def _remembered(found: Found, criteria: SearchCriteria, by: Actor, now: datetime) -> RememberedSearch:
    """A weak one with what was keyed, but for the NI number: the second person has to know who is meant."""
    weak = found.strength is MatchStrength.WEAK
    keyed = Keyed(criteria.surname, criteria.forenames, criteria.date_of_birth)
    return RememberedSearch(
        id=SearchId(str(uuid4())),
        searcher=by.id,
        searcher_person=by.person,
        searcher_number=by.employee_number,
        employee_number=found.candidate.employee_number,
        state=SearchState.AWAITING if weak else SearchState.FOUND,
        strength=found.strength,
        fields=found.fields,
        keyed=keyed if weak else None,
        at=now,
        expires_at=now + (WEAK_LIFE if weak else SEARCH_LIFE),
    )


def _match(search: RememberedSearch, shown: FoundPerson | None) -> Match:
    return Match(search.id, search.state, search.strength, search.fields, search.expires_at, shown)


def _require_shown(search: RememberedSearch) -> None:
    if search.state is SearchState.AWAITING:
        raise Conflict(
            "Another nominated user has to confirm that this is the person.", code="weak_match_undecided"
        )
    if search.state is SearchState.REFUSED:
        raise Conflict("Another nominated user said that this is not the person.", code="weak_match_refused")


def _near(assignments: tuple[Assignment, ...], today: date) -> tuple[Assignment, ...]:
    """The current ones first, as they are ordered; then those that ended lately or are to begin soon."""
    current = [each for each in assignments if _distance(each, today) == timedelta()]
    others = [each for each in assignments if timedelta() < _distance(each, today) <= NEAR]
    return (*current, *others)


def _distance(assignment: Assignment, today: date) -> timedelta:
    """How far a day is from an assignment; its first and its last day are both part of it."""
    if assignment.start > today:
        return assignment.start - today
    if assignment.end is not None and assignment.end < today:
        return today - assignment.end
    return timedelta()
