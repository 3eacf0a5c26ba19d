"""That somebody found somebody, remembered for as long as it takes to choose an assignment."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.ports.staff_records import SearchId
from agent.domain.workforce import EmployeeNumber

SEARCH_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class RememberedSearch:
    """That somebody found somebody: enough to go on from, and nothing of the person but their number."""

    searcher: str
    employee_number: EmployeeNumber
    strength: str
    at: datetime
    expires_at: datetime


class Searches(ABC):
    """One organisation's recent searches."""

    @abstractmethod
    async def keep(self, search: RememberedSearch) -> SearchId:
        """Remember a search that found somebody."""

    @abstractmethod
    async def found(self, search: SearchId, *, by: str, now: datetime) -> EmployeeNumber:
        """Whom this search found. Raises `NotFound` unless it is `by`'s own and has not expired."""
