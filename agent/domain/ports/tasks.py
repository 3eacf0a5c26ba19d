"""What somebody in HR has to look at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum


class TaskKind(StrEnum):
    """Why somebody has to."""

    CORRECTION = "correction"  # a member of staff says that something about them is wrong
    STAFF_CHANGE = "staff_change"  # the staff record says something else than when the passport was made


@dataclass(frozen=True, slots=True)
class NewTask:
    """Something to look at: about which passport and credential, and what the person said.

    `assignee` is whose task it is until somebody else takes it up. Of those with one `key` the first alone
    is opened, whatever became of it since.
    """

    kind: TaskKind
    passport: str
    credential: str | None
    reason: str
    comment: str | None
    assignee: str | None = None
    key: str | None = None


class Tasks(ABC):
    """One organisation's tasks."""

    @abstractmethod
    async def open(self, task: NewTask) -> None:
        """Open a task in the unit of work in hand, and be kept or lost with it."""

    @abstractmethod
    async def forget_about(self, passport: str) -> int:
        """Delete every task about a passport, with what the person said; how many."""
