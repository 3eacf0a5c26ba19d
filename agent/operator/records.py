"""Applications of organisations, as the operator keeps them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Integer, String, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.errors import Conflict, NotFound
from agent.domain.workforce import OdsCode
from agent.store.tables import Instant, OfOrganisation, Table

OPEN_APPLICATION = text("state <> 'closed'")


class ApplicationState(StrEnum):
    """Where an organisation's application stands."""

    INVITED = "invited"
    CONNECTED = "connected"  # an agent took up the invitation; whose is not yet proven
    RECEIVED = "received"
    APPROVED = "approved"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"  # nobody took up the invitation in time, or the operator ended it


NEXT: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.INVITED: frozenset({ApplicationState.CONNECTED, ApplicationState.CLOSED}),
    ApplicationState.CONNECTED: frozenset({ApplicationState.RECEIVED, ApplicationState.CLOSED}),
    ApplicationState.RECEIVED: frozenset(
        {
            ApplicationState.RECEIVED,
            ApplicationState.APPROVED,
            ApplicationState.DECLINED,
            ApplicationState.CLOSED,
        }
    ),
    ApplicationState.DECLINED: frozenset({ApplicationState.RECEIVED, ApplicationState.CLOSED}),
    ApplicationState.APPROVED: frozenset({ApplicationState.SUSPENDED, ApplicationState.SUCCEEDED}),
    ApplicationState.SUSPENDED: frozenset({ApplicationState.APPROVED, ApplicationState.SUCCEEDED}),
    ApplicationState.SUCCEEDED: frozenset({ApplicationState.SUSPENDED, ApplicationState.SUCCEEDED}),
    ApplicationState.CLOSED: frozenset(),
}


REGISTERED = frozenset({ApplicationState.APPROVED, ApplicationState.SUSPENDED, ApplicationState.SUCCEEDED})
"""Of an organisation that was approved once; there is one such application of it at most."""


class ApplicationRow(OfOrganisation, Table):
    """One organisation that was invited to register. `status` is what we last stated of it, signed."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("applications_by_connection", "organisation", "connection", unique=True),
        Index("applications_by_age", "organisation", "invited_at", "id"),
        Index("applications_by_state", "organisation", "state", "invited_at", "id"),
        Index(
            "one_open_application", "organisation", "ods_code", unique=True, postgresql_where=OPEN_APPLICATION
        ),
        {"schema": "operator"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    ods_code: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(12))
    connection: Mapped[str] = mapped_column(String(36))
    invited_by: Mapped[str] = mapped_column(String(120))
    invited_at: Mapped[datetime] = mapped_column(Instant)
    invitation_expires_at: Mapped[datetime] = mapped_column(Instant)
    application: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    call_back: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    status_version: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(String(500))
    succession: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    restore_asked_by: Mapped[str | None] = mapped_column(String(120))
    restore_asked_by_person: Mapped[str | None] = mapped_column(String(36))
    restore_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    trust_request: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    did: Mapped[str | None] = mapped_column(String(300))
    trust_requested_at: Mapped[datetime | None] = mapped_column(Instant)

    def move(self, to: ApplicationState) -> None:
        """Go on to the next state. Raises `Conflict` when an application's life does not lead there."""
        if to not in NEXT[ApplicationState(self.state)]:
            raise Conflict(
                f"The application is {self.state}, so it cannot become {to}.",
                code=f"application_{self.state}",
            )
        self.state = to


class ApplicationRepository:
    """The operator's applications, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, row: ApplicationRow) -> None:
        """Keep a new one."""
        self._session.add(row)

    async def get(self, application: str, *, lock: bool = False) -> ApplicationRow:
        """One application, perhaps locked until the unit ends. Raises `NotFound`."""
        key = {"organisation": self._organisation, "id": application}
        if (row := await self._session.get(ApplicationRow, key, with_for_update=lock)) is None:
            raise NotFound("There is no such application.")
        return row

    async def of_connection(self, connection: str, *, lock: bool = False) -> ApplicationRow | None:
        """The application for which this connection was made."""
        query = select(ApplicationRow).where(
            ApplicationRow.organisation == self._organisation, ApplicationRow.connection == connection
        )
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def decided(self, ods_code: str) -> ApplicationRow | None:
        """The application of an organisation that was approved once, however it stands now."""
        query = select(ApplicationRow).where(
            ApplicationRow.organisation == self._organisation,
            ApplicationRow.ods_code == ods_code,
            ApplicationRow.state.in_(sorted(REGISTERED)),
        )
        return (await self._session.scalars(query)).one_or_none()

    async def last_version(self, ods_code: str) -> int:
        """Of what was ever stated of an organisation, over whichever connection."""
        row = ApplicationRow
        query = select(func.max(row.status_version)).where(
            row.organisation == self._organisation, row.ods_code == ods_code
        )
        return await self._session.scalar(query) or 0

    async def page(
        self, *, state: ApplicationState | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ApplicationRow]:
        """Newest first, from just after the one that `after` names."""
        row = ApplicationRow
        query = select(row).where(row.organisation == self._organisation)
        if state is not None:
            query = query.where(row.state == state)
        if after is not None:
            older = (row.invited_at == after[0]) & (row.id < after[1])
            query = query.where((row.invited_at < after[0]) | older)
        newest_first = query.order_by(row.invited_at.desc(), row.id.desc())
        return (await self._session.scalars(newest_first.limit(limit))).all()

    async def waiting(self) -> Sequence[ApplicationRow]:
        """Those whose invitation nobody has taken up."""
        query = select(ApplicationRow).where(
            ApplicationRow.organisation == self._organisation,
            ApplicationRow.state == ApplicationState.INVITED,
        )
        return (await self._session.scalars(query.order_by(ApplicationRow.invited_at))).all()
