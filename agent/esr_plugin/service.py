"""Staff records out of ESR: found by one person at a time, read anew at every use."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.staff_records import Match, MatchStrength, SearchCriteria, SearchId, StaffRecords
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    EmployeeNumber,
    EmploymentCheck,
    Person,
    StaffRecord,
)
from agent.esr_plugin import mapping
from agent.esr_plugin.access import EsrAccess
from agent.esr_plugin.esr import Esr
from agent.esr_plugin.fingerprint import fingerprint
from agent.esr_plugin.mapping import Json, MalformedAnswer
from agent.esr_plugin.matching import Candidate, Found, the_one, weak_match
from agent.esr_plugin.searches import SEARCH_LIFE, RememberedSearch, Searches

LOGGER = logging.getLogger(__name__)


class EsrStaffRecords(StaffRecords):
    """One organisation's staff, as its ESR has them."""

    def __init__(
        self,
        esr: Esr,
        access: EsrAccess,
        searches: Searches,
        audit: Audit,
        standing: OrganisationStanding,
        *,
        search_key: bytes,
        clock: Clock = utc_now,
    ) -> None:
        self._esr = esr
        self._access = access
        self._searches = searches
        self._audit = audit
        self._standing = standing
        self._search_key = search_key
        self._clock = clock

    async def search(self, criteria: SearchCriteria, *, by: Actor) -> Match:
        """Find the one person; recorded under keyed hashes of what was searched for, found or not."""
        subject = fingerprint(criteria, self._search_key)
        async with self._audit.recording("search ESR", actor=by.id, subject=subject), self._open_to(by):
            found, person = await self._find(criteria)
            assignments, checks = await self._posts_and_checks(person.employee_number)
            search = await self._remember(found, by)
        current = tuple(each for each in assignments if _is_current(each, london_day(self._clock())))
        return Match(search, found.strength, found.fields, person, current, checks)

    async def chosen(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """Read the chosen assignment of whom `by` found, after asking whether they still may."""
        async with self._open_to(by):
            person = await self._searches.found(search, by=by.id, now=self._clock())
            return await self._record(person, number)

    async def record(self, person: EmployeeNumber, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """Read a person and one of their assignments, ended or not: policies say what that means."""
        async with self._open_to(by):
            return await self._record(person, number)

    @asynccontextmanager
    async def _open_to(self, actor: Actor) -> AsyncIterator[None]:
        """Let `actor` in for the length of the block, if the ESR link is active and the gate opens now."""
        try:
            await self._standing.require(Use.ESR)
            await self._access.require(actor)
            yield
        except MalformedAnswer as malformed:
            LOGGER.error("ESR's answer is not in its contract, at %s", malformed.where)  # noqa: TRY400  # no values
            raise

    async def _find(self, criteria: SearchCriteria) -> tuple[Found, Person]:
        answer = await self._esr.candidates(mapping.search(criteria))
        candidates, complete = mapping.candidates(answer)
        known = [await self._with_assignment_numbers(each, criteria) for each in candidates]
        found = the_one(criteria, known, complete=complete)
        if found.strength is MatchStrength.WEAK:
            raise weak_match(found)
        return found, await self._person(found.candidate.employee_number)

    async def _with_assignment_numbers(self, candidate: Candidate, criteria: SearchCriteria) -> Candidate:
        """With the assignments' numbers, when the number given is that of a second post of this person."""
        if criteria.number is None or not criteria.number.startswith(f"{candidate.employee_number}-"):
            return candidate
        listed = mapping.assignments(await self._esr.assignments(candidate.employee_number))
        return replace(candidate, assignment_numbers=frozenset(each.number for each in listed))

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

    async def _remember(self, found: Found, by: Actor) -> SearchId:
        now = self._clock()
        number, strength = found.candidate.employee_number, found.strength.value
        return await self._searches.keep(RememberedSearch(by.id, number, strength, now, now + SEARCH_LIFE))

    async def _record(self, number: EmployeeNumber, chosen: AssignmentNumber) -> StaffRecord:
        read_at = self._clock()
        person = await self._person(number)
        assignments, checks = await self._posts_and_checks(number)
        for assignment in assignments:
            if assignment.number == chosen:
                return StaffRecord(person, assignment, checks, read_at)
        raise NotFound("This person has no such assignment.", code="assignment_not_found")


def _is_current(assignment: Assignment, today: date) -> bool:
    """The first and the last day are both part of it."""
    return assignment.start <= today and (assignment.end is None or today <= assignment.end)
