"""Searches of the staff record that missed again and again."""

from dataclasses import dataclass
from datetime import datetime

from portal.agent_client.calls import Answer, Calls
from portal.agent_client.paths import segment


class SearchAlert(Answer):
    """Whose searches missed, how often within ten minutes, and who has seen to it."""

    id: str
    user: str
    misses: int
    at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class SearchAlertPage(Answer):
    """A page of alerts, and where the next one begins."""

    alerts: tuple[SearchAlert, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SearchAlertCalls:
    """Searches that missed again and again."""

    calls: Calls

    async def page(self, *, cursor: str | None = None, limit: int = 25) -> SearchAlertPage:
        """The newest first. Raises `NotFound` at an organisation that has no staff records."""
        return await self.calls.read(SearchAlertPage, "/esr/search-alerts", cursor=cursor, limit=str(limit))

    async def acknowledge(self, alert: str, *, key: str) -> SearchAlert:
        """Say that somebody has seen to it."""
        return await self.calls.act(
            SearchAlert, f"/esr/search-alerts/{segment(alert)}/acknowledgement", key=key
        )
