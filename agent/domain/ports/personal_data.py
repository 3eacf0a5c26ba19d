"""What is held of people, for the duties of a data controller: each plugin answers for its own tables."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from agent.domain.workforce import EmployeeNumber


class CategoryName(StrEnum):
    """Every kind of record of people that any plugin keeps; settings may say how long."""

    PASSPORTS = "passports"
    REVIEWS = "reviews"
    SEARCHES = "searches of the staff record"
    STAFF = "staff as outbound files have them"
    STAFF_CHANGES = "changes of staff"
    TASKS = "tasks"
    PEOPLE = "people who act"
    REGISTRATION = "registration"
    APPLICATIONS = "applications of organisations"
    REQUESTS = "subject requests"
    MAIL = "messages and links"


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Whom it is about: one of our own staff by their number, whoever a review is of, or who acts here.

    `things` are the identifiers of all that is theirs, in whichever plugin; under these the audit knows it.
    """

    employee_number: EmployeeNumber | None = None
    review: str | None = None
    person: str | None = None
    email: str | None = None  # of who registered an organisation with the operator
    things: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of record, as the record of processing tells it (UK GDPR, article 30).

    `kept_for` is counted from what `counted_from` says; the organisation may set another. Such records stand
    in `tables`.
    """

    name: CategoryName
    what: str
    purpose: str
    recipients: str
    counted_from: str
    kept_for: timedelta
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record of a person: everything in it, in words that they know."""

    category: str  # as a person would call it: a category, or a part of one
    id: str
    data: Mapping[str, Any]


class PersonalData(ABC):
    """One plugin's records of people."""

    @property
    @abstractmethod
    def categories(self) -> Sequence[Category]:
        """Every kind of record that the plugin keeps of people."""

    @abstractmethod
    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        """The identifiers of what the plugin has of the person."""

    @abstractmethod
    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        """Everything that is held of the person, whose `things` are known. Raises `Unavailable`."""

    @abstractmethod
    async def require_erasable(self, subject: DataSubject) -> None:
        """Raise `Conflict` while something of theirs still counts: it must be ended first."""

    @abstractmethod
    async def erase(self, subject: DataSubject) -> int:
        """Erase all of it that nothing still needs; how many records. Again does no harm.

        What is left says of nobody who they are.
        """

    @abstractmethod
    async def due(self, category: CategoryName, *, before: datetime) -> int:
        """How many records of the category ended before then, so that their time is over."""

    @abstractmethod
    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        """Erase those; how many."""


@dataclass(slots=True)
class PersonalDataHolders:
    """The capabilities that answer for personal data, as each plugin adds its own."""

    _kinds: list[type[PersonalData]] = field(default_factory=list)

    def add(self, kind: type[PersonalData]) -> None:
        """Say that the injector knows one more."""
        self._kinds.append(kind)

    def __iter__(self) -> Iterator[type[PersonalData]]:
        return iter(self._kinds)
