"""The organisation's own registration, as the store keeps it: one row."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.registration import RegistrationState, Succession, moved, read_succession
from agent.domain.workforce import OdsCode
from agent.store.tables import Instant, OfOrganisation, Table


class RegistrationRow(OfOrganisation, Table):
    """Who the organisation says that it is, and how the operator says that it stands.

    `status` is the operator's newest statement, signed: the evidence that it made us a data controller.
    """

    __tablename__ = "registrations"
    __table_args__ = ({"schema": "organisation"},)

    id: Mapped[str | None] = mapped_column(String(36))  # the application's, a fresh one each time it is sent
    state: Mapped[str] = mapped_column(String(12))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    registrant: Mapped[str | None] = mapped_column(String(36))
    capacity: Mapped[str | None] = mapped_column(String(20))
    nomination: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    email_proven_at: Mapped[datetime | None] = mapped_column(Instant)
    proven_email: Mapped[str | None] = mapped_column(String(254))
    connection: Mapped[str | None] = mapped_column(String(36))  # to the operator
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    status_at: Mapped[datetime | None] = mapped_column(Instant)
    status_version: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(String(500))
    succession: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    activated_by: Mapped[str | None] = mapped_column(String(120))
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    trust_request: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    trust_requested_at: Mapped[datetime | None] = mapped_column(Instant)
    trust_request_taken_at: Mapped[datetime | None] = mapped_column(Instant)

    def move(self, to: RegistrationState) -> None:
        """Go on to the next state. Raises `Conflict`."""
        self.state = moved(RegistrationState(self.state), to)

    @property
    def awaits_answer(self) -> bool:
        """Whether the operator has not answered what we told it last."""
        if self.connection is None or self.submitted_at is None:
            return False
        untaken = self.trust_request is not None and self.trust_request_taken_at is None
        return untaken or self.state == RegistrationState.SUBMITTED

    @property
    def told_succession(self) -> Succession | None:
        """What becomes of us, if another takes our place."""
        return read_succession(self.succession)


class RegistrationRepository:
    """One organisation's registration, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    async def get(self, *, lock: bool = False) -> RegistrationRow:
        """The registration, begun if there is none yet; perhaps locked until the unit ends."""
        found = await self._session.get(RegistrationRow, self._organisation, with_for_update=lock)
        if found is not None:
            return found
        first = {"organisation": self._organisation, "state": RegistrationState.DRAFT, "status_version": 0}
        await self._session.execute(insert(RegistrationRow).values(first).on_conflict_do_nothing())
        return await self._session.get_one(RegistrationRow, self._organisation, with_for_update=lock)
