"""Searches to look into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from portal.agent_client.search_alerts import SearchAlert, SearchAlertPage
from portal.presenting import day


@dataclass(frozen=True, slots=True)
class Row:
    """One alert; `seen_to` is empty while nobody has."""

    id: str
    user: str
    misses: int
    at: datetime
    seen_to: str


@dataclass(frozen=True, slots=True)
class AlertList:
    """One page of the list, and the way on from it."""

    rows: Sequence[Row]
    next: str | None


def alert_list(page: SearchAlertPage) -> AlertList:
    """The page that was asked for."""
    onwards = None if page.next is None else f"/search-alerts?{urlencode({'cursor': page.next})}"
    return AlertList([_row(alert) for alert in page.alerts], onwards)


def _row(alert: SearchAlert) -> Row:
    by, at = alert.acknowledged_by, alert.acknowledged_at
    return Row(alert.id, alert.user, alert.misses, alert.at, f"{by}, on {day(at)}" if by and at else "")
