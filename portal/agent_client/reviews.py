"""The verifier's reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType
from urllib.parse import quote

from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.review import Decision, ReviewId, ReviewState, Standing, Verdict
from portal.agent_client.calls import Answer, Calls

RequestId = NewType("RequestId", str)


class Review(Answer):
    """A host's review of one person."""

    id: ReviewId
    state: ReviewState
    purpose: str
    created_by: str
    created_at: datetime
    invitation_expires_at: datetime

    @property
    def waits_for_the_person(self) -> bool:
        """Whether nobody has taken up the invitation."""
        return self.state is ReviewState.INVITED


class ReviewPage(Answer):
    """A page of reviews, and where the next one begins."""

    reviews: tuple[Review, ...]
    next: str | None = None


class ReviewCounts(Answer):
    """How many there are in each state, and how many of their requests have each verdict."""

    states: dict[str, int]
    verdicts: dict[str, int]


class Invitation(Answer):
    """A review's invitation, as a link and as a picture of it."""

    url: str
    qr_svg: str


class Reason(Answer):
    """One reason for a verdict, and who can mend it."""

    code: str
    sentence: str
    mended_by: str | None = None


class Presented(Answer):
    """One credential that was accepted, and how it stands now; None where a newer one took its place."""

    type: CredentialType
    format: CredentialFormat
    issuer: str
    claims: Mapping[str, str]
    standing: Standing | None = None
    checked_at: datetime | None = None


class Decided(Answer):
    """What a person at the host decided on a verdict."""

    decision: Decision
    reason: str
    by: str
    at: datetime


class Request(Answer):
    """One request of a review; what was presented, and what keeps it from being accepted, of one alone."""

    id: RequestId
    review: ReviewId
    verdict: Verdict
    types: tuple[CredentialType, ...]
    reasons: tuple[Reason, ...] = ()
    requested_by: str
    requested_at: datetime
    answer_by: datetime
    decided_at: datetime | None = None
    decision: Decided | None = None
    credentials: tuple[Presented, ...] = ()
    in_the_way: tuple[Reason, ...] | None = None

    @property
    def may_be_accepted(self) -> bool:
        """Whether the agent said so."""
        return self.in_the_way == ()


class RequestPage(Answer):
    """A page of a review's requests, the oldest first, and where the next one begins."""

    presentation_requests: tuple[Request, ...]
    next: str | None = None


class Judged(Answer):
    """One request among those of all reviews."""

    id: RequestId
    review: ReviewId
    purpose: str
    verdict: Verdict
    requested_by: str
    requested_at: datetime
    decision: Decision | None = None


class VerdictPage(Answer):
    """A page of requests that have one verdict, the newest first, and where the next one begins."""

    presentation_requests: tuple[Judged, ...]
    next: str | None = None


class TrustedOrganisation(Answer):
    """Who stands behind a DID, as the trust list has it."""

    ods_code: str
    name: str


@dataclass(frozen=True, slots=True)
class ReviewCalls:
    """The verifier's reviews."""

    calls: Calls

    async def page(
        self, *, state: ReviewState | None = None, cursor: str | None = None, limit: int = 25
    ) -> ReviewPage:
        """The newest first."""
        return await self.calls.read(ReviewPage, "/reviews", state=state, cursor=cursor, limit=str(limit))

    async def begin(self, purpose: str, *, key: str) -> Review:
        """A new review, with an invitation."""
        return await self.calls.act(Review, "/reviews", {"purpose": purpose}, key=key)

    async def review(self, review: str) -> Review:
        """One review. Raises `NotFound`."""
        return await self.calls.read(Review, f"/reviews/{review}")

    async def invitation(self, review: ReviewId) -> Invitation:
        """Its invitation. Raises `NotFound` once it is not open any more."""
        return await self.calls.read(Invitation, f"/reviews/{review}/invitation")

    async def ask(
        self,
        review: ReviewId,
        types: Sequence[CredentialType],
        *,
        formats: Sequence[CredentialFormat] | None,
        answer_within_seconds: int,
        key: str,
    ) -> Request:
        """Ask the person. Raises `Refused`."""
        said: dict[str, Any] = {"types": list(types), "answer_within_seconds": answer_within_seconds}
        if formats is not None:
            said["formats"] = list(formats)
        return await self.calls.act(Request, f"/reviews/{review}/presentation-requests", said, key=key)

    async def requests(self, review: ReviewId, *, cursor: str | None = None) -> RequestPage:
        """What the person was asked for, the oldest first."""
        return await self.calls.read(
            RequestPage, f"/reviews/{review}/presentation-requests", cursor=cursor, limit="25"
        )

    async def with_verdict(self, verdict: Verdict, *, cursor: str | None = None) -> VerdictPage:
        """The requests of all reviews that have this verdict, the newest first."""
        return await self.calls.read(
            VerdictPage, "/presentation-requests", verdict=verdict, cursor=cursor, limit="25"
        )

    async def request(self, request: str) -> Request:
        """One request, with what was presented. Raises `NotFound`."""
        return await self.calls.read(Request, f"/presentation-requests/{request}")

    async def decide(self, request: RequestId, decision: Decision, reason: str, *, key: str) -> Request:
        """Accept or reject what was presented. Raises `Refused`."""
        said = {"decision": decision, "reason": reason}
        return await self.calls.act(Request, f"/presentation-requests/{request}/decision", said, key=key)

    async def issuer(self, did: str) -> TrustedOrganisation:
        """Who issued something. Raises `NotFound` for a stranger, `Unavailable` while nobody can tell."""
        return await self.calls.read(TrustedOrganisation, f"/trusted-organisations/{quote(did, safe=':')}")
