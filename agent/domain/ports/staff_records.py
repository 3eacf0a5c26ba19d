"""Where an employing authority keeps its staff records: ESR today, another HR system tomorrow."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from agent.domain.actors import Actor
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    EmployeeNumber,
    EmploymentCheck,
    NiNumber,
    Person,
    StaffRecord,
)

SearchId = NewType("SearchId", str)
"""Names one search and its one match, for its own searcher, for half an hour."""


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What HR keyed of the one person they look for."""

    surname: str
    forenames: str
    date_of_birth: date
    ni_number: NiNumber | None = None
    number: EmployeeNumber | AssignmentNumber | None = None


class Agreement(StrEnum):
    """How one keyed field compares with the record; the record's own value is not told."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_GIVEN = "not_given"


class MatchStrength(StrEnum):
    """By which rule the person was found."""

    STRONG = "strong"  # NI number, date of birth, surname and forenames agree
    NUMBER = "number"  # employee or assignment number, date of birth, surname and forenames agree
    WEAK = "weak"  # somebody may be the person; a second nominated user has to say so


class SearchState(StrEnum):
    """Where a search stands that found somebody."""

    FOUND = "found"
    AWAITING = "awaiting_second_person"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


SHOWN = frozenset({SearchState.FOUND, SearchState.CONFIRMED})
"""Only then is anything of the person shown."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """What is shown of who was found."""

    person: Person
    assignments: tuple[Assignment, ...]  # current ones, the primary first; then lately ended and coming ones
    checks: tuple[EmploymentCheck, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The one person who was found, and why we say it is they; `shown` is None while that is not sure."""

    search: SearchId
    state: SearchState
    strength: MatchStrength
    fields: tuple[tuple[str, Agreement], ...]
    expires_at: datetime
    shown: FoundPerson | None


class StaffRecordsBatch(ABC):
    """What one asking at the gate lets through: a few people, for a minute.

    Each method raises `Conflict` with code `batch_over` once either is used up, besides what its namesake in
    `StaffRecords` raises.
    """

    @abstractmethod
    async def search(self, criteria: SearchCriteria) -> Match:
        """Find the one person whom `criteria` describe."""

    @abstractmethod
    async def record(self, person: EmployeeNumber, number: AssignmentNumber) -> StaffRecord:
        """The person and assignment as they are now."""


class StaffRecords(ABC):
    """Every method asks first whether `by` may use staff records now.

    It raises `Refused` naming each failed clause, and `Unavailable` when the records do not answer.
    """

    @abstractmethod
    async def search(self, criteria: SearchCriteria, *, by: Actor) -> Match:
        """Find the one person whom `criteria` describe.

        Raises `NotFound`, `Refused` with code `several_people`, and `LimitReached`.
        """

    @abstractmethod
    async def found(self, search: SearchId, *, by: Actor) -> Match:
        """`by`'s own recent search, its person read anew. Raises `NotFound`."""

    @abstractmethod
    async def chosen(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """The person of `by`'s own recent search with the assignment that was chosen.

        Raises `NotFound` when there is no such search of theirs, or no such assignment of this person, and
        `Conflict` with code `weak_match_undecided` or `weak_match_refused`.
        """

    @abstractmethod
    async def record(self, person: EmployeeNumber, number: AssignmentNumber, *, by: Actor) -> StaffRecord:
        """The person and assignment as they are now. Raises `NotFound` when either is gone."""

    @abstractmethod
    def batch(self, *, by: Actor) -> AbstractAsyncContextManager[StaffRecordsBatch]:
        """Ask once for at most 25 people within 60 seconds."""
