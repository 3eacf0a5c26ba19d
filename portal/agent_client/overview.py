"""What somebody sees first."""

from dataclasses import dataclass

from portal.agent_client.calls import Answer, Calls
from portal.agent_client.passports import PassportCounts
from portal.agent_client.reviews import ReviewCounts
from portal.agent_client.tasks import TaskPage


class Counts(Answer):
    """How many there are; None of what the person may not read."""

    passports: PassportCounts | None = None
    reviews: ReviewCounts | None = None


class Tasks(Answer):
    """The newest that are open; None for whoever may not read them."""

    mine: TaskPage | None = None
    others: TaskPage | None = None


class Overview(Answer):
    """All of it."""

    counts: Counts
    tasks: Tasks


@dataclass(frozen=True, slots=True)
class OverviewCalls:
    """What somebody sees first."""

    calls: Calls

    async def overview(self) -> Overview:
        """As far as the person may read it."""
        return await self.calls.read(Overview, "/overview")
