"""What has changed about an organisation's own staff, told to whoever has to do something about it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agent.domain.workforce import AssignmentNumber, CheckType, EmployeeNumber


class StaffChangeKind(StrEnum):
    """What happened."""

    ASSIGNMENT_CHANGED = "assignment_changed"
    ASSIGNMENT_ENDED = "assignment_ended"
    PERSON_CHANGED = "person_changed"  # names, or the date of birth
    PERSON_LEFT = "person_left"
    CHECK_RENEWED = "check_renewed"  # it is as it should be, and says something else than before
    CHECK_LAPSED = "check_lapsed"  # it is not as it should be: it ran out, was withdrawn, or is gone
    REGISTRATION_CHANGED = "registration_changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field by the name of its claim; both values are None where they are nobody's to keep."""

    name: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class StaffChange:
    """One thing that is otherwise than it was, of one person; `assignment` when it is that one's alone."""

    kind: StaffChangeKind
    person: EmployeeNumber
    on: date  # the day on which it came into force for us
    assignment: AssignmentNumber | None = None
    check: CheckType | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change and its place: one organisation's changes are in one order, with no gap."""

    position: int
    change: StaffChange


class StaffChanges(ABC):
    """One organisation's changes, for consumers who each go on from where they were."""

    @abstractmethod
    async def after_cursor(self, consumer: str, *, limit: int) -> Sequence[ToldChange]:
        """Up to `limit` changes that `consumer` has not acknowledged, in order."""

    @abstractmethod
    async def acknowledge(self, consumer: str, position: int) -> None:
        """Remember that `consumer` has done what was to be done, up to and with this position.

        What was handled and not acknowledged comes again: a change is told at least once.
        """


class StaffChangeConsumer(ABC):
    """Who does something about changes. A change may come twice; the second time does no harm."""

    name: str

    @abstractmethod
    async def handle(self, told: ToldChange) -> None:
        """Do what is to be done. Raises when it could not be done: the change comes again."""


@dataclass(slots=True)
class StaffChangeConsumers:
    """The capabilities that consume changes, as each plugin adds its own."""

    _kinds: list[type[StaffChangeConsumer]] = field(default_factory=list)

    def add(self, kind: type[StaffChangeConsumer]) -> None:
        """Say that the injector knows one more."""
        self._kinds.append(kind)

    def __iter__(self) -> Iterator[type[StaffChangeConsumer]]:
        return iter(self._kinds)
