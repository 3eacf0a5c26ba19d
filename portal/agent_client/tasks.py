"""What HR has to look at."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.passport import PassportId
from portal.agent_client.calls import Answer, Calls


class Task(Answer):
    """Something that somebody in HR has to look at."""

    id: str
    kind: str
    passport: PassportId
    reason: str
    opened_at: datetime


class TaskPage(Answer):
    """A page of tasks, and where the next one begins."""

    tasks: tuple[Task, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class TaskCalls:
    """What HR has to look at."""

    calls: Calls

    async def open(self, *, limit: int = 25) -> TaskPage:
        """Those that are open, the newest first."""
        return await self.calls.read(TaskPage, "/tasks", state="open", limit=str(limit))
