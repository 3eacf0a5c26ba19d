"""Reviews and presentation requests as the store keeps them; what was presented is not among it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.credentials import CredentialType
from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.store.tables import Instant, OfOrganisation, Table


class ReviewRow(OfOrganisation, Table):
    """One person whom this host reviews, and the connection to their wallet."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("reviews_by_connection", "organisation", "connection", unique=True),
        Index("reviews_by_state", "organisation", "state", "created_at", "id"),
        Index("reviews_by_age", "organisation", "created_at", "id"),
        {"schema": "verifier"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(200))
    connection: Mapped[str] = mapped_column(String(36))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)
    invitation_expires_at: Mapped[datetime] = mapped_column(Instant)


class PresentationRequestRow(OfOrganisation, Table):
    """One request, and the verdict on what came of it."""

    __tablename__ = "presentation_requests"
    __table_args__ = (
        Index("requests_of_review", "organisation", "review", "requested_at"),
        Index("requests_by_state", "organisation", "state", "requested_at"),
        {"schema": "verifier"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    review: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(12))
    types: Mapped[list[str]] = mapped_column(ARRAY(String(30)))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    requested_by: Mapped[str] = mapped_column(String(120))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    answer_by: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def asked(self) -> tuple[CredentialType, ...]:
        """The types that were asked for."""
        return tuple(map(CredentialType, self.types))


class ReviewRepository:
    """One organisation's reviews and requests, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, row: ReviewRow | PresentationRequestRow) -> None:
        """Keep a new row."""
        self._session.add(row)

    async def review(self, review: str, *, lock: bool = False) -> ReviewRow:
        """One review. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": review}
        if (row := await self._session.get(ReviewRow, key, with_for_update=lock)) is None:
            raise NotFound("There is no such review.")
        return row

    async def request(self, request: str, *, lock: bool = False) -> PresentationRequestRow:
        """One presentation request. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": request}
        if (row := await self._session.get(PresentationRequestRow, key, with_for_update=lock)) is None:
            raise NotFound("There is no such presentation request.")
        return row

    async def of_connection(self, connection: str, *, lock: bool = False) -> ReviewRow | None:
        """The review for which this connection was made, if it was made for one."""
        query = select(ReviewRow).where(
            ReviewRow.organisation == self._organisation, ReviewRow.connection == connection
        )
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def page(
        self, *, state: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ReviewRow]:
        """Newest first, from just after the one that `after` names."""
        query = select(ReviewRow).where(ReviewRow.organisation == self._organisation)
        if state is not None:
            query = query.where(ReviewRow.state == state)
        if after is not None:
            older = (ReviewRow.created_at == after[0]) & (ReviewRow.id < after[1])
            query = query.where((ReviewRow.created_at < after[0]) | older)
        newest_first = query.order_by(ReviewRow.created_at.desc(), ReviewRow.id.desc())
        return (await self._session.scalars(newest_first.limit(limit))).all()

    async def requests_of(self, review: str) -> Sequence[PresentationRequestRow]:
        """A review's requests, oldest first."""
        query = select(PresentationRequestRow).where(
            PresentationRequestRow.organisation == self._organisation, PresentationRequestRow.review == review
        )
        return (await self._session.scalars(query.order_by(PresentationRequestRow.requested_at))).all()

    async def open_requests(self, states: Sequence[str]) -> Sequence[PresentationRequestRow]:
        """Requests in one of `states`, oldest first."""
        query = select(PresentationRequestRow).where(
            PresentationRequestRow.organisation == self._organisation,
            PresentationRequestRow.state.in_(states),
        )
        return (await self._session.scalars(query.order_by(PresentationRequestRow.requested_at))).all()
