"""The verifier's reviews."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.review import ReviewId, ReviewState
from portal.agent_client.calls import Answer, Calls


class Review(Answer):
    """A host's review, as a list shows it."""

    id: ReviewId
    state: ReviewState
    purpose: str
    created_at: datetime


class ReviewPage(Answer):
    """A page of reviews, and where the next one begins."""

    reviews: tuple[Review, ...]
    next: str | None = None


class ReviewCounts(Answer):
    """How many there are in each state, and how many of their requests have each verdict."""

    states: dict[str, int]
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ReviewCalls:
    """The verifier's reviews."""

    calls: Calls

    async def page(self, *, state: ReviewState | None = None, limit: int = 25) -> ReviewPage:
        """The newest first."""
        return await self.calls.read(ReviewPage, "/reviews", state=state, limit=str(limit))

    async def counts(self) -> ReviewCounts:
        """How many there are."""
        return await self.calls.read(ReviewCounts, "/reviews/counts")
