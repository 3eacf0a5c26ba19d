"""What a host holds of the people who came to it: reviews, what they showed, and what it relies on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.errors import Conflict
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.ports.presentations import PresentationRequestId, Presentations
from agent.domain.review import OPEN
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.store.idempotency import IdempotencyKeys
from agent.verifier.records import AcceptedCredentialRow, AlertRow, PresentationRequestRow, ReviewRow

REVIEWS = CategoryName.REVIEWS
REQUESTS, RELIED_ON, ALERTS = "requests", "what is relied on", "alerts"
CATEGORIES = (
    Category(
        REVIEWS,
        "the purpose, the connection to the person's wallet, what was asked for and shown, the verdict with"
        " its reasons, who decided what on it and why, and what became of it since",
        "to know whether somebody may start work here",
        "nobody",
        "the last thing that was decided or relied on",
        timedelta(days=2 * 365),
        (
            "verifier.reviews",
            "verifier.presentation_requests",
            "verifier.accepted_credentials",
            "verifier.alerts",
        ),
    ),
)
type _Row = ReviewRow | PresentationRequestRow | AcceptedCredentialRow | AlertRow


class VerifierPersonalData(PersonalData):
    """One host organisation's."""

    def __init__(
        self, store: Store, organisation: Organisation, presentations: Presentations, connections: Connections
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._presentations = presentations
        self._connections = connections

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        review = await self._review(subject)
        if review is None:
            return frozenset()
        return frozenset({review.id, *(row.id for row in await self._requests(review.id))})

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        review = await self._review(subject)
        if review is None:
            return ()
        own = self._organisation
        requests = [
            HeldRecord(REQUESTS, row.id, _told(row) | {"shown": await self._shown(row)})
            for row in await self._requests(review.id)
        ]
        async with self._store.unit(own) as session:
            relied_on = await _of_review(session, AcceptedCredentialRow, own, review.id)
            alerts = await _of_review(session, AlertRow, own, review.id)
        return [
            HeldRecord(REVIEWS, review.id, _told(review)),
            *requests,
            *(HeldRecord(RELIED_ON, f"{review.id}/{each.type}", _told(each)) for each in relied_on),
            *(HeldRecord(ALERTS, each.id, _told(each)) for each in alerts),
        ]

    async def require_erasable(self, subject: DataSubject) -> None:
        review = await self._review(subject)
        if review is not None and any(row.state in OPEN for row in await self._requests(review.id)):
            raise Conflict("A request waits for its answer; wait for it, too.", code="request_open")

    async def erase(self, subject: DataSubject) -> int:
        review = await self._review(subject)
        return 0 if review is None else await self._erase(review)

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        return len(await self._over(before)) if category == REVIEWS else 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        rows = await self._over(before) if category == REVIEWS else ()
        for row in rows:
            await self._erase(row)
        return len(rows)

    async def _erase(self, review: ReviewRow) -> int:
        """First what is encrypted, then the rows that lead to it: cut short, the next try finds them."""
        requests = await self._requests(review.id)
        for row in requests:
            await self._presentations.erase(PresentationRequestId(row.id))
        await self._connections.end(ConnectionId(review.connection))
        keys = IdempotencyKeys(self._store, self._organisation)
        await keys.forget_answers_about({review.id, *(row.id for row in requests)})
        own = self._organisation
        async with self._store.unit(own) as session:
            for table in (AlertRow, AcceptedCredentialRow, PresentationRequestRow):
                of_review = (table.organisation == own) & (table.review == review.id)
                await session.execute(delete(table).where(of_review))
            this = (ReviewRow.organisation == own) & (ReviewRow.id == review.id)
            await session.execute(delete(ReviewRow).where(this))
        return 1 + len(requests)

    async def _shown(self, request: PresentationRequestRow) -> list[dict[str, Any]]:
        shown = await self._presentations.presented(PresentationRequestId(request.id))
        return [
            {"credential": each.credential, "issuer": each.issuer_did, "claims": dict(each.claims)}
            for each in shown
        ]

    async def _review(self, subject: DataSubject) -> ReviewRow | None:
        if subject.review is None:
            return None
        async with self._store.unit(self._organisation) as session:
            return await session.get(ReviewRow, {"organisation": self._organisation, "id": subject.review})

    async def _requests(self, review: str) -> Sequence[PresentationRequestRow]:
        async with self._store.unit(self._organisation) as session:
            return await _of_review(session, PresentationRequestRow, self._organisation, review)

    async def _over(self, before: datetime) -> Sequence[ReviewRow]:
        """Reviews in which nothing was made, decided or relied on since then."""
        request = PresentationRequestRow
        newer_request = exists().where(
            request.organisation == ReviewRow.organisation,
            request.review == ReviewRow.id,
            (request.decided_at >= before) | (request.decision_at >= before) | request.decided_at.is_(None),
        )
        query = select(ReviewRow).where(
            ReviewRow.organisation == self._organisation,
            ReviewRow.invitation_expires_at < before,
            ReviewRow.relied_on_until.is_(None) | (ReviewRow.relied_on_until < before),
            ~newer_request,
        )
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query.order_by(ReviewRow.created_at))).all()


async def _of_review[R: (PresentationRequestRow, AcceptedCredentialRow, AlertRow)](
    session: AsyncSession, table: type[R], organisation: str, review: str
) -> Sequence[R]:
    query = select(table).where(table.organisation == organisation, table.review == review)
    return (await session.scalars(query)).all()


def _told(row: _Row) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in type(row).__table__.columns
        if column.key not in {"organisation", "id"}
    }
