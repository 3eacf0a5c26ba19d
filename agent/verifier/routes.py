"""Reviews and verdicts over HTTP."""

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from agent.audit.views import Views
from agent.domain.actors import Permission
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import InvalidInput, Refusal
from agent.domain.review import Decision, ReviewState, Standing, Verdict
from agent.paging import LIMIT, chosen, cursor, limit, position
from agent.qr import qr_svg
from agent.routing import Answer, Call, RouteTable
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.decisions import Decisions
from agent.verifier.records import AlertRow, PresentationRequestRow, ReviewRow
from agent.verifier.requests import CreateReview, DecideOnPresentation, RequestPresentation
from agent.verifier.reviews import Reviews
from agent.verifier.service import PassportVerification

ROUTES = RouteTable("verifier")


class ReviewAnswer(Answer):
    """A review of one person."""

    id: str
    state: ReviewState
    purpose: str
    created_by: str
    created_at: datetime
    invitation_expires_at: datetime


class ReviewsAnswer(Answer):
    """A page of reviews; pass `next` as `cursor` to go on."""

    reviews: tuple[ReviewAnswer, ...]
    next: str | None


class ReviewInvitationAnswer(Answer):
    """The invitation, as a link and as a QR code of that link (SVG)."""

    url: str
    qr_svg: str


class ReasonAnswer(Answer):
    """One reason for a verdict, and who can mend it."""

    code: str
    sentence: str
    mended_by: str | None


class PresentedAnswer(Answer):
    """One credential that was accepted; its provenance is among its claims.

    `standing` is how it stood at `checked_at`. Both are null once a later presentation took its place.
    """

    type: CredentialType
    format: CredentialFormat
    issuer: str
    claims: Mapping[str, str]
    standing: Standing | None
    checked_at: datetime | None


class DecisionAnswer(Answer):
    """What a person at the host decided on a verdict."""

    decision: Decision
    reason: str
    by: str
    at: datetime


class PresentationRequestAnswer(Answer):
    """One request; `verdict` says where it stands, with every reason. Claims only when accepted.

    `decision` is a person's, once there is one. `in_the_way` is what keeps it from being accepted as it
    stands now: empty when it can be, and null where one request is not asked for alone.
    """

    id: str
    review: str
    verdict: Verdict
    types: tuple[CredentialType, ...]
    reasons: tuple[ReasonAnswer, ...]
    requested_by: str
    requested_at: datetime
    answer_by: datetime
    decided_at: datetime | None
    decision: DecisionAnswer | None
    credentials: tuple[PresentedAnswer, ...]
    in_the_way: tuple[ReasonAnswer, ...] | None


class JudgedAnswer(Answer):
    """One request among those of all reviews: what it was for, where it stands, and what a person decided."""

    id: str
    review: str
    purpose: str
    verdict: Verdict
    requested_by: str
    requested_at: datetime
    decision: Decision | None


class VerdictsAnswer(Answer):
    """A page of requests with one verdict; pass `next` as `cursor` to go on."""

    presentation_requests: tuple[JudgedAnswer, ...]
    next: str | None


class AlertAnswer(Answer):
    """Since `raised_at`, something that was accepted stands otherwise than it did."""

    id: str
    review: str
    request: str
    type: CredentialType
    standing: Standing
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class AlertsAnswer(Answer):
    """A page of alerts; pass `next` as `cursor` to go on."""

    alerts: tuple[AlertAnswer, ...]
    next: str | None


class PresentationRequestsAnswer(Answer):
    """A page of a review's requests, oldest first, without what was presented; `next` as `cursor` goes on."""

    presentation_requests: tuple[PresentationRequestAnswer, ...]
    next: str | None


@ROUTES.post(
    "/reviews",
    permission=Permission.REVIEW_REQUEST,
    summary="Begin to review a person, with an invitation to them",
    body=CreateReview,
    answer=ReviewAnswer,
    status=201,
    idempotent=True,
)
async def create_review(call: Call[CreateReview]) -> ReviewAnswer:
    """Create the review; its invitation has a route of its own."""
    return _review(await call.inject(Reviews).create(call.body.purpose, by=call.actor))


@ROUTES.get(
    "/reviews",
    permission=Permission.REVIEW_READ,
    summary="Reviews, newest first",
    answer=ReviewsAnswer,
    query={"state": "only those in this state", **LIMIT},
)
async def reviews(call: Call[None]) -> ReviewsAnswer:
    """List reviews."""
    most = limit(call.query)
    state = chosen(call.query, "state", ReviewState)
    rows = await call.inject(Reviews).page(state=state, after=position(call.query), limit=most)
    following = cursor((rows[-1].created_at, rows[-1].id)) if len(rows) == most else None
    return ReviewsAnswer(reviews=tuple(map(_review, rows)), next=following)


@ROUTES.get("/reviews/{review}", permission=Permission.REVIEW_READ, summary="One review", answer=ReviewAnswer)
async def review(call: Call[None]) -> ReviewAnswer:
    """Tell of one review."""
    return _review(await call.inject(Reviews).get(call.path["review"]))


@ROUTES.get(
    "/reviews/{review}/invitation",
    permission=Permission.REVIEW_REQUEST,
    summary="The review's invitation while nobody has taken it up",
    answer=ReviewInvitationAnswer,
)
async def review_invitation(call: Call[None]) -> ReviewInvitationAnswer:
    """Show the invitation."""
    url = await call.inject(Reviews).invitation(call.path["review"])
    return ReviewInvitationAnswer(url=url, qr_svg=await qr_svg(url))


@ROUTES.post(
    "/reviews/{review}/presentation-requests",
    permission=Permission.REVIEW_REQUEST,
    summary="Ask the person for one presentation of their credentials",
    body=RequestPresentation,
    answer=PresentationRequestAnswer,
    status=201,
    idempotent=True,
)
async def request_presentation(call: Call[RequestPresentation]) -> PresentationRequestAnswer:
    """Ask."""
    verification = call.inject(PassportVerification)
    return _request(
        await verification.request(
            call.path["review"],
            call.body.asked,
            formats=call.body.formats,
            answer_within=call.body.answer_within,
            by=call.actor,
        )
    )


@ROUTES.get(
    "/reviews/{review}/presentation-requests",
    permission=Permission.REVIEW_READ,
    summary="What a person was asked for, oldest first",
    answer=PresentationRequestsAnswer,
    query={"state": "only those whose `verdict` is this", **LIMIT},
)
async def presentation_requests(call: Call[None]) -> PresentationRequestsAnswer:
    """List a review's requests."""
    held, most = await call.inject(Reviews).get(call.path["review"]), limit(call.query)
    state = chosen(call.query, "state", Verdict)
    rows = await call.inject(PassportVerification).requests_of(
        held.id, state=state, after=position(call.query), limit=most
    )
    following = cursor((rows[-1].requested_at, rows[-1].id)) if len(rows) == most else None
    return PresentationRequestsAnswer(presentation_requests=tuple(map(_request, rows)), next=following)


@ROUTES.get(
    "/presentation-requests",
    permission=Permission.REVIEW_READ,
    summary="The requests of all reviews that have one verdict, newest first",
    answer=VerdictsAnswer,
    query={"verdict": "only those with this one; it is needed", **LIMIT},
)
async def verdicts(call: Call[None]) -> VerdictsAnswer:
    """List the requests behind one number of the counts."""
    verdict, most = chosen(call.query, "verdict", Verdict), limit(call.query)
    if verdict is None:
        raise InvalidInput("Say which verdict.", fields={"verdict": "is needed"})
    rows = await call.inject(PassportVerification).requests_with(
        verdict, after=position(call.query), limit=most
    )
    told = tuple(_judged(row, purpose) for row, purpose in rows)
    following = cursor((told[-1].requested_at, told[-1].id)) if len(told) == most else None
    return VerdictsAnswer(presentation_requests=told, next=following)


@ROUTES.get(
    "/presentation-requests/{request}",
    permission=Permission.REVIEW_READ,
    summary="One request with its verdict, and what was presented when it was accepted",
    answer=PresentationRequestAnswer,
)
async def presentation_request(call: Call[None]) -> PresentationRequestAnswer:
    """Tell the verdict."""
    verification = call.inject(PassportVerification)
    row = await verification.get(call.path["request"])
    if row.state == Verdict.ACCEPTED:
        await call.inject(Views).saw("see presentation", row.id, by=call.actor)
    now = await call.inject(AcceptedCredentials).of_request(row.id)
    credentials = [
        PresentedAnswer(
            type=one.credential,
            format=one.format,
            issuer=one.issuer_did,
            claims=one.claims,
            standing=Standing(now[one.credential].standing) if one.credential in now else None,
            checked_at=now[one.credential].checked_at if one.credential in now else None,
        )
        for one in await verification.presented(row)
    ]
    in_the_way = await call.inject(Decisions).in_the_way(row)
    return _request(row, tuple(credentials), tuple(map(_reason, in_the_way)))


@ROUTES.post(
    "/presentation-requests/{request}/decision",
    permission=Permission.REVIEW_REQUEST,
    summary="Accept or reject, once there is a verdict; only an accepted one can be accepted",
    body=DecideOnPresentation,
    answer=PresentationRequestAnswer,
    idempotent=True,
)
async def decide(call: Call[DecideOnPresentation]) -> PresentationRequestAnswer:
    """Decide. What was presented is not told again."""
    said = call.body
    row = await call.inject(Decisions).decide(call.path["request"], said.decision, said.reason, by=call.actor)
    return _request(row)


@ROUTES.get(
    "/alerts",
    permission=Permission.REVIEW_READ,
    summary="What was accepted and stands otherwise since, newest first",
    answer=AlertsAnswer,
    query={
        "review": "only those of this review",
        "unseen": "`true`: only those nobody took note of",
        **LIMIT,
    },
)
async def alerts(call: Call[None]) -> AlertsAnswer:
    """List alerts."""
    most = limit(call.query)
    rows = await call.inject(AcceptedCredentials).alerts(
        review=call.query.get("review"), unseen=_unseen(call), after=position(call.query), limit=most
    )
    following = cursor((rows[-1].raised_at, rows[-1].id)) if len(rows) == most else None
    return AlertsAnswer(alerts=tuple(map(_alert, rows)), next=following)


@ROUTES.post(
    "/alerts/{alert}/acknowledgement",
    permission=Permission.REVIEW_REQUEST,
    summary="Take note of an alert; the first who does is named",
    answer=AlertAnswer,
    idempotent=True,
)
async def acknowledge_alert(call: Call[None]) -> AlertAnswer:
    """Take note."""
    return _alert(await call.inject(AcceptedCredentials).acknowledge(call.path["alert"], by=call.actor))


def _review(row: ReviewRow) -> ReviewAnswer:
    return ReviewAnswer.model_validate({name: getattr(row, name) for name in ReviewAnswer.model_fields})


def _reason(refusal: Refusal) -> ReasonAnswer:
    return ReasonAnswer(code=refusal.code, sentence=refusal.sentence, mended_by=refusal.mended_by)


def _request(
    row: PresentationRequestRow,
    credentials: tuple[PresentedAnswer, ...] = (),
    in_the_way: tuple[ReasonAnswer, ...] | None = None,
) -> PresentationRequestAnswer:
    return PresentationRequestAnswer(
        id=row.id,
        review=row.review,
        verdict=Verdict(row.state),
        types=row.asked,
        reasons=tuple(ReasonAnswer.model_validate(reason) for reason in row.reasons),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        answer_by=row.answer_by,
        decided_at=row.decided_at,
        decision=_decision(row),
        credentials=credentials,
        in_the_way=in_the_way,
    )


def _judged(row: PresentationRequestRow, purpose: str) -> JudgedAnswer:
    return JudgedAnswer(
        id=row.id,
        review=row.review,
        purpose=purpose,
        verdict=Verdict(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        decision=None if row.decision is None else Decision(row.decision),
    )


def _decision(row: PresentationRequestRow) -> DecisionAnswer | None:
    if row.decision is None:
        return None
    return DecisionAnswer.model_validate(
        {
            "decision": row.decision,
            "reason": row.decision_reason,
            "by": row.decision_by,
            "at": row.decision_at,
        }
    )


def _alert(row: AlertRow) -> AlertAnswer:
    return AlertAnswer.model_validate({name: getattr(row, name) for name in AlertAnswer.model_fields})


def _unseen(call: Call[None]) -> bool:
    text = call.query.get("unseen", "false")
    if text not in {"true", "false"}:
        raise InvalidInput("unseen is true or false.", fields={"unseen": "true or false"})
    return text == "true"


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
