"""How often somebody may search, and when it looks as if they were trying names out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent.domain.actors import Actor

WINDOW = timedelta(hours=1)
"""Over which searches are counted."""
BURST = timedelta(minutes=10)
"""Within which misses are a burst."""


class AttemptKind(StrEnum):
    """How somebody searches: what may be tried out by hand is limited more than rows that bring a number."""

    SEARCH = "search"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many in an hour, by one user and by all of an organisation; and how many misses raise an alert.

    Of one user's rows so many may miss in an hour, and then no more are tried: a list has few wrong numbers.
    """

    searches_per_user: int
    searches_per_organisation: int
    rows_per_user: int
    rows_per_organisation: int
    missed_rows: int
    misses: int

    def per_user(self, kind: AttemptKind) -> int:
        """How many one user has."""
        return self.searches_per_user if kind is AttemptKind.SEARCH else self.rows_per_user

    def per_organisation(self, kind: AttemptKind) -> int:
        """How many all of them have together."""
        return self.searches_per_organisation if kind is AttemptKind.SEARCH else self.rows_per_organisation


@dataclass(frozen=True, slots=True)
class SearchAlert:
    """Somebody's searches missed so often in a short time that an administrator should ask them why."""

    id: str
    searcher: str
    searcher_person: str | None
    misses: int
    at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class Attempts(ABC):
    """One organisation's searches of the last hours, whoever they found."""

    @abstractmethod
    async def take(self, kind: AttemptKind, *, by: Actor, now: datetime) -> str:
        """Count one more; its id. Raises `LimitReached` when `by`, or the organisation, has had enough."""

    @abstractmethod
    async def missed(self, attempt: str, *, by: Actor, now: datetime) -> None:
        """It found nobody to show. A burst of these alerts the administrators, once an hour."""

    @abstractmethod
    async def page(self, *, after: tuple[datetime, str] | None, limit: int) -> Sequence[SearchAlert]:
        """Up to `limit` alerts, the newest first."""

    @abstractmethod
    async def alert(self, alert: str) -> SearchAlert:
        """One alert. Raises `NotFound`."""

    @abstractmethod
    async def acknowledge(self, alert: str, *, by: Actor, now: datetime) -> SearchAlert:
        """Somebody has seen to it, in the unit in hand. Raises `NotFound`."""
