"""What people are told by e-mail: kept as a wish, written when it is sent, and sent by the worker.

What is kept names a person and a kind. The text, and the token of a link, are made at the moment of sending,
so that nothing which opens anything waits in a database or a queue.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Index, String, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.clock import Clock, utc_now
from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode, Organisation
from agent.store.engine import Store
from agent.store.jobs import enqueue
from agent.store.tables import Instant, OfOrganisation, Table

LOGGER = logging.getLogger(__name__)
UNSENT = text("sent_at IS NULL AND given_up_at IS NULL")
DELIVER = "deliver_notification"
"""The worker's task, by its name."""
GIVEN_UP_AFTER = timedelta(days=3)


class NotificationKind(StrEnum):
    """What somebody is told."""

    INVITATION = "invitation"
    EMAIL_PROOF = "email_proof"
    REGISTRATION = "registration"  # the operator decided something
    SEARCHES = "searches"  # somebody's searches of the staff record miss again and again


class NotificationRow(OfOrganisation, Table):
    """Somebody is to be told something."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("unsent_notifications", "organisation", "asked_at", postgresql_where=UNSENT),
        Index("notifications_of_person", "organisation", "person"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(36))
    about: Mapped[str | None] = mapped_column(String(36))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)  # or nobody need be told any more


@dataclass(frozen=True, slots=True)
class Notifications:
    """One organisation's."""

    store: Store
    organisation: Organisation
    clock: Clock = utc_now

    async def ask(self, kind: NotificationKind, person: str, *, about: str | None = None) -> None:
        """Have somebody told, in the unit of work in hand: the job is kept or lost with what it is about."""
        own = self.organisation.ods_code
        async with self.store.joined(own) as session:
            row = NotificationRow(
                organisation=own,
                id=str(uuid4()),
                kind=kind,
                person=person,
                about=about,
                asked_at=self.clock(),
            )
            session.add(row)
            await _enqueue(session, own, row.id)

    async def get(self, notification: str) -> NotificationRow:
        """One that was not sent yet. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await self._get(session, notification)
        if row.sent_at is not None or row.given_up_at is not None:
            raise NotFound("This was sent, or need not be.", code="notification_sent")
        return row

    async def sent(self, notification: str) -> None:
        """Remember that it was sent; again does no harm. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await self._get(session, notification)
            row.sent_at = row.sent_at or self.clock()

    async def no_longer_needed(self, notification: str) -> None:
        """Nobody need be told any more: what it was about has ended."""
        async with self.store.unit(self.organisation.ods_code) as session:
            (await self._get(session, notification)).given_up_at = self.clock()

    async def last_sent(self, person: str) -> datetime | None:
        """When somebody was last sent something."""
        row = NotificationRow
        query = select(func.max(row.sent_at)).where(
            row.organisation == self.organisation.ods_code, row.person == person
        )
        async with self.store.unit(self.organisation.ods_code) as session:
            return await session.scalar(query)

    async def enqueue_what_waits(self, *, longer_than: timedelta) -> None:
        """Give the worker once more what nobody sent; one that waits in the queue is not put there twice."""
        own, now = self.organisation.ods_code, self.clock()
        async with self.store.unit(own) as session:
            for row in await self._waiting(session, until=now - longer_than):
                if row.asked_at > now - GIVEN_UP_AFTER:
                    await _enqueue(session, own, row.id)
                    continue
                row.given_up_at = now
                LOGGER.warning("Notification %s could not be sent, and is given up", row.id)

    async def _waiting(self, session: AsyncSession, *, until: datetime) -> Sequence[NotificationRow]:
        query = select(NotificationRow).where(
            NotificationRow.organisation == self.organisation.ods_code,
            UNSENT,
            NotificationRow.asked_at < until,
        )
        return (await session.scalars(query)).all()

    async def _get(self, session: AsyncSession, notification: str) -> NotificationRow:
        key = {"organisation": self.organisation.ods_code, "id": notification}
        if (row := await session.get(NotificationRow, key)) is None:
            raise NotFound("There is no such notification.")
        return row


async def _enqueue(session: AsyncSession, organisation: OdsCode, notification: str) -> None:
    told = {"organisation": organisation, "notification": notification}
    await enqueue(session, DELIVER, told, lock=f"notification:{notification}")
