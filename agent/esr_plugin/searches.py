"""That somebody found somebody, remembered for as long as it takes to choose an assignment, or to decide."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchId, SearchState
from agent.domain.workforce import EmployeeNumber

SEARCH_LIFE = timedelta(minutes=30)
WEAK_LIFE = timedelta(hours=24)
"""So long a weak match waits for a second person, and then for its searcher."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was keyed of a person who may be another: the second person sees it, and then it is gone."""

    surname: str = field(repr=False)
    forenames: str = field(repr=False)
    date_of_birth: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a second person said of a weak match."""

    state: SearchState
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RememberedSearch:
    """That somebody found somebody: enough to go on from, and nothing of the person but their number.

    A weak one has what was keyed besides, until a second person has decided.
    """

    id: SearchId
    searcher: str
    searcher_person: str | None
    searcher_number: EmployeeNumber | None  # as it was then
    employee_number: EmployeeNumber
    state: SearchState
    strength: MatchStrength
    fields: tuple[tuple[str, Agreement], ...]
    keyed: Keyed | None
    at: datetime
    expires_at: datetime
    decision: Decision | None = None


class Searches(ABC):
    """One organisation's recent searches. What has expired is not there."""

    @abstractmethod
    async def keep(self, search: RememberedSearch) -> None:
        """Remember a search that found somebody."""

    @abstractmethod
    async def own(self, search: SearchId, *, by: str, now: datetime) -> RememberedSearch:
        """One of `by`'s own. Raises `NotFound`."""

    @abstractmethod
    async def weak(self, search: SearchId, *, now: datetime) -> RememberedSearch:
        """Anybody's that waits for a second person, or did. Raises `NotFound`."""

    @abstractmethod
    async def awaiting(
        self, *, now: datetime, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[RememberedSearch]:
        """Up to `limit` that wait for a second person, the oldest first, from just after `after` on."""

    @abstractmethod
    async def decide(self, search: SearchId, decision: Decision) -> RememberedSearch:
        """Keep what the second person said, in the unit in hand, and forget what was keyed.

        Raises `Conflict` with code `weak_match_decided` unless it still waits, and `NotFound`.
        """
