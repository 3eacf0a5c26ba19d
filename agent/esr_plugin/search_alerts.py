"""What administrators do about somebody whose searches miss again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.second_person import SECOND_PERSON, Agreement
from agent.esr_plugin.limits import Attempts, SearchAlert


@dataclass(frozen=True, slots=True)
class SearchAlerts:
    """One organisation's."""

    attempts: Attempts
    users: NominatedUsers
    audit: Audit
    clock: Clock = utc_now

    async def page(self, *, after: tuple[datetime, str] | None, limit: int) -> Sequence[SearchAlert]:
        """Up to `limit` alerts, the newest first."""
        return await self.attempts.page(after=after, limit=limit)

    async def acknowledge(self, alert: str, *, by: Actor) -> SearchAlert:
        """Say that it was seen to; again does no harm. Raises `PolicyRefused` for an alert about oneself."""
        async with self.audit.recording("acknowledge alert about searches", actor=by.id, subject=alert):
            found = await self.attempts.alert(alert)
            about = await self.users.asker(found.searcher, found.searcher_person)
            if about is None:
                raise NotFound("There is no such alert.")
            SECOND_PERSON.require(Agreement(about, by))
            return await self.attempts.acknowledge(alert, by=by, now=self.clock())
