"""Reviews and presentation requests as the store keeps them; what was presented is not among it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from sqlalchemy import Index, Row, String, Text, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from agent.domain.credentials import CredentialType
from agent.domain.errors import NotFound
from agent.domain.review import ReviewState, Verdict
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
    relied_on_until: Mapped[datetime | None] = mapped_column(Instant)  # of all that was ever accepted


class PresentationRequestRow(OfOrganisation, Table):
    """One request, and the verdict on what came of it."""

    __tablename__ = "presentation_requests"
    __table_args__ = (
        Index("requests_of_review", "organisation", "review", "requested_at", "id"),
        Index("requests_of_review_by_state", "organisation", "review", "state", "requested_at", "id"),
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
    decision: Mapped[str | None] = mapped_column(String(8))  # a person's, once there is a verdict
    decision_reason: Mapped[str | None] = mapped_column(String(500))
    decision_by: Mapped[str | None] = mapped_column(String(120))
    decision_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def asked(self) -> tuple[CredentialType, ...]:
        """The types that were asked for."""
        return tuple(map(CredentialType, self.types))


NOT_REVOKED = text("standing <> 'revoked'")
UNSEEN = text("acknowledged_by IS NULL")


class AcceptedCredentialRow(OfOrganisation, Table):
    """One credential that a host relies on: the newest that was accepted of its type in a review."""

    __tablename__ = "accepted_credentials"
    __table_args__ = (
        Index("accepted_of_request", "organisation", "request"),
        Index("accepted_to_ask_about", "organisation", "checked_at", postgresql_where=NOT_REVOKED),
        Index("accepted_by_end", "organisation", "relied_on_until"),
        {"schema": "verifier"},
    )

    review: Mapped[str] = mapped_column(String(36), primary_key=True)
    type: Mapped[str] = mapped_column(String(30), primary_key=True)
    request: Mapped[str] = mapped_column(String(36))
    issuer: Mapped[str] = mapped_column(String(300))
    status: Mapped[list[str]] = mapped_column(ARRAY(Text))  # its entries in its issuer's lists
    standing: Mapped[str] = mapped_column(String(20))
    checked_at: Mapped[datetime] = mapped_column(Instant)  # when its issuer last said so
    relied_on_until: Mapped[datetime] = mapped_column(Instant)


class AlertRow(OfOrganisation, Table):
    """Something that was accepted stands otherwise than before."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("alerts_by_age", "organisation", "raised_at", "id"),
        Index("alerts_of_review", "organisation", "review", "raised_at", "id"),
        Index("unseen_alerts", "organisation", "raised_at", "id", postgresql_where=UNSEEN),
        {"schema": "verifier"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    review: Mapped[str] = mapped_column(String(36))
    request: Mapped[str] = mapped_column(String(36))
    type: Mapped[str] = mapped_column(String(30))
    standing: Mapped[str] = mapped_column(String(20))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)


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

    async def counts(self) -> tuple[Mapping[ReviewState, int], Mapping[Verdict, int]]:
        """How many reviews are in each state, and how many of their requests; from indexes alone."""
        row = PresentationRequestRow
        reviews = await self._counted(ReviewRow.state, ReviewRow.organisation)
        requests = await self._counted(row.state, row.organisation)
        return (
            dict.fromkeys(ReviewState, 0) | {ReviewState(state): count for state, count in reviews},
            dict.fromkeys(Verdict, 0) | {Verdict(state): count for state, count in requests},
        )

    async def _counted(
        self, state: InstrumentedAttribute[str], organisation: InstrumentedAttribute[str]
    ) -> Sequence[Row[str, int]]:
        query = select(state, func.count()).where(organisation == self._organisation).group_by(state)
        return (await self._session.execute(query)).all()

    async def waiting(self) -> Sequence[str]:
        """The connection of every review that nobody has connected to yet, oldest first."""
        query = select(ReviewRow.connection).where(
            ReviewRow.organisation == self._organisation, ReviewRow.state == ReviewState.INVITED
        )
        return (await self._session.scalars(query.order_by(ReviewRow.created_at, ReviewRow.id))).all()

    async def invited_before(self, now: datetime) -> Sequence[ReviewRow]:
        """Reviews whose invitation nobody took up in time, locked."""
        query = select(ReviewRow).where(
            ReviewRow.organisation == self._organisation,
            ReviewRow.state == ReviewState.INVITED,
            ReviewRow.invitation_expires_at < now,
        )
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()

    async def requests_of(
        self, review: str, *, state: Verdict | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[PresentationRequestRow]:
        """A review's requests, oldest first, from just after the one that `after` names."""
        row = PresentationRequestRow
        query = select(row).where(row.organisation == self._organisation, row.review == review)
        if state is not None:
            query = query.where(row.state == state)
        if after is not None:
            query = query.where(tuple_(row.requested_at, row.id) > after)
        return (await self._session.scalars(query.order_by(row.requested_at, row.id).limit(limit))).all()

    async def requests_with(
        self, verdict: Verdict, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Row[PresentationRequestRow, str]]:
        """Requests of all reviews with this verdict, newest first, each with its review's purpose."""
        row = PresentationRequestRow
        own = (ReviewRow.organisation == row.organisation) & (ReviewRow.id == row.review)
        query = select(row, ReviewRow.purpose).join(ReviewRow, own)
        query = query.where(row.organisation == self._organisation, row.state == verdict)
        if after is not None:
            query = query.where(tuple_(row.requested_at, row.id) < after)
        newest_first = query.order_by(row.requested_at.desc(), row.id.desc())
        return (await self._session.execute(newest_first.limit(limit))).all()

    async def open_requests(self, states: Sequence[str]) -> Sequence[PresentationRequestRow]:
        """Requests in one of `states`, oldest first."""
        query = select(PresentationRequestRow).where(
            PresentationRequestRow.organisation == self._organisation,
            PresentationRequestRow.state.in_(states),
        )
        return (await self._session.scalars(query.order_by(PresentationRequestRow.requested_at))).all()


class AcceptedRepository:
    """What one organisation relies on, and its alerts, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    async def put(self, row: AcceptedCredentialRow) -> None:
        """Rely on this one, in place of any other of its type in its review."""
        await self._session.merge(row)
        # Of NULL, `greatest` takes no account.
        latest = func.greatest(ReviewRow.relied_on_until, row.relied_on_until)
        await self._session.execute(
            update(ReviewRow)
            .where(ReviewRow.organisation == self._organisation, ReviewRow.id == row.review)
            .values(relied_on_until=latest)
        )

    async def of_request(self, request: str) -> Sequence[AcceptedCredentialRow]:
        """Those that were accepted for a request and have not been replaced since."""
        query = select(AcceptedCredentialRow).where(
            AcceptedCredentialRow.organisation == self._organisation, AcceptedCredentialRow.request == request
        )
        return (await self._session.scalars(query)).all()

    async def relied_on(self) -> Sequence[AcceptedCredentialRow]:
        """All that may still change, those first that were not asked about for longest."""
        query = select(AcceptedCredentialRow).where(
            AcceptedCredentialRow.organisation == self._organisation, NOT_REVOKED
        )
        return (await self._session.scalars(query.order_by(AcceptedCredentialRow.checked_at))).all()

    async def still_relied_on(self, seen: AcceptedCredentialRow) -> AcceptedCredentialRow | None:
        """The row that was seen, locked; None when another was accepted in its place, or it was forgotten."""
        key = {"organisation": self._organisation, "review": seen.review, "type": seen.type}
        row = await self._session.get(AcceptedCredentialRow, key, with_for_update=True)
        return row if row is not None and row.request == seen.request else None

    async def checked(self, rows: Sequence[AcceptedCredentialRow], *, at: datetime) -> None:
        """They stand as they did."""
        row = AcceptedCredentialRow
        for some in batched(rows, 500, strict=False):
            keys = [(each.review, each.type, each.request) for each in some]
            those = tuple_(row.review, row.type, row.request).in_(keys)
            statement = update(row).where(row.organisation == self._organisation, those)
            await self._session.execute(statement.values(checked_at=at))

    async def forget_before(self, moment: datetime) -> None:
        """Forget those on which nobody may rely any more."""
        row = AcceptedCredentialRow
        await self._session.execute(
            delete(row).where(row.organisation == self._organisation, row.relied_on_until < moment)
        )

    def add_alert(self, alert: AlertRow) -> None:
        """Keep a new alert."""
        self._session.add(alert)

    async def alert(self, alert: str, *, lock: bool = False) -> AlertRow:
        """One alert. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": alert}
        if (row := await self._session.get(AlertRow, key, with_for_update=lock)) is None:
            raise NotFound("There is no such alert.")
        return row

    async def alerts(
        self, *, review: str | None, unseen: bool, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AlertRow]:
        """Newest first, from just after the one that `after` names."""
        query = select(AlertRow).where(AlertRow.organisation == self._organisation)
        if review is not None:
            query = query.where(AlertRow.review == review)
        if unseen:
            query = query.where(UNSEEN)
        if after is not None:
            older = (AlertRow.raised_at == after[0]) & (AlertRow.id < after[1])
            query = query.where((AlertRow.raised_at < after[0]) | older)
        newest_first = query.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc())
        return (await self._session.scalars(newest_first.limit(limit))).all()
