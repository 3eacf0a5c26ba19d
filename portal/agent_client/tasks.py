"""What HR has to look at."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from agent.domain.passport import PassportId
from portal.agent_client.calls import Answer, Calls

OPEN = "open"


class Task(Answer):
    """Something that somebody in HR has to look at, and what came of it."""

    id: str
    kind: str
    passport: PassportId
    reason: str
    comment: str | None
    state: str
    opened_at: datetime
    assignee: str | None
    closed_by: str | None
    closed_at: datetime | None
    note: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to."""
        return self.state == OPEN


class TaskPage(Answer):
    """A page of tasks, and where the next one begins."""

    tasks: tuple[Task, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class TaskCalls:
    """What HR has to look at."""

    calls: Calls

    async def open(self, whose: str, *, cursor: str | None = None, limit: int = 25) -> TaskPage:
        """Those that are open, the newest first: `mine`, or `others`."""
        return await self.calls.read(
            TaskPage, "/tasks", state=OPEN, whose=whose, cursor=cursor, limit=str(limit)
        )

    async def get(self, task: str) -> Task:
        """One task. Raises `NotFound`."""
        return await self.calls.read(Task, f"/tasks/{quote(task, safe='')}")

    async def take_up(self, task: str, *, key: str) -> Task:
        """Look at it oneself. Raises `Refused` when it is closed."""
        return await self.calls.act(Task, f"/tasks/{quote(task, safe='')}/taking-up", key=key)

    async def close(self, task: str, outcome: str, note: str | None, *, key: str) -> Task:
        """Say what came of it. Raises `Refused` when somebody did already."""
        said = {"outcome": outcome, "note": note}
        return await self.calls.act(Task, f"/tasks/{quote(task, safe='')}/completion", said, key=key)
