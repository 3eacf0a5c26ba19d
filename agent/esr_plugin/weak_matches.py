"""The second person: who searched, and found somebody who may be another, does not decide alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.staff_records import SearchId, SearchState
from agent.domain.second_person import SECOND_PERSON, Agreement
from agent.esr_plugin.access import EsrGate
from agent.esr_plugin.searches import Decision, RememberedSearch, Searches


@dataclass(frozen=True, slots=True)
class WeakMatches:
    """One organisation's. What is shown is what was keyed, and whether ESR agrees; never what ESR says."""

    searches: Searches
    gate: EsrGate
    users: NominatedUsers
    audit: Audit
    clock: Clock = utc_now

    async def awaiting(
        self, *, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[RememberedSearch]:
        """Up to `limit` that wait, the oldest first."""
        return await self.searches.awaiting(now=self.clock(), after=after, limit=limit)

    async def get(self, search: SearchId, *, by: Actor) -> RememberedSearch:
        """One of them, decided or not, for whoever ESR lets in. Raises `NotFound`."""
        recorded = self.audit.recording("see weak match", actor=by.id, subject=search)
        async with recorded, self.gate.open_to(by):
            return await self._weak(search)

    async def confirm(self, search: SearchId, *, by: Actor) -> RememberedSearch:
        """It is the person: from now on whoever searched is shown them.

        Raises `PolicyRefused` for one's own search, and when the gate to ESR stays shut for `by`.
        """
        recorded = self.audit.recording("confirm weak match", actor=by.id, subject=search)
        async with recorded, self.gate.open_to(by):
            await self._require_somebody_else(search, by)
            return await self._decide(search, SearchState.CONFIRMED, by)

    async def refuse(self, search: SearchId, *, by: Actor) -> RememberedSearch:
        """It is not, or nobody can tell; whoever searched may say so, too."""
        async with self.audit.recording("refuse weak match", actor=by.id, subject=search):
            return await self._decide(search, SearchState.REFUSED, by)

    async def _require_somebody_else(self, search: SearchId, by: Actor) -> None:
        found = await self._weak(search)
        searcher = await self.users.asker(found.searcher, found.searcher_person)
        if searcher is None:
            raise NotFound("Nobody searched for this.", code="weak_match_not_found")
        for number in (searcher.employee_number, found.searcher_number):  # as it is now, and as it was
            SECOND_PERSON.require(Agreement(replace(searcher, employee_number=number), by))

    async def _weak(self, search: SearchId) -> RememberedSearch:
        return await self.searches.weak(search, now=self.clock())

    async def _decide(self, search: SearchId, state: SearchState, by: Actor) -> RememberedSearch:
        return await self.searches.decide(search, Decision(state, by.id, self.clock()))
