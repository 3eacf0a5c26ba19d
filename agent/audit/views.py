"""Who saw what of whom: once an hour for each person and thing, as an entry of the audit."""

from datetime import datetime

from cachetools import LRUCache
from sqlalchemy import Index, String, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

REMEMBERED = 10_000
"""So many views a process knows to be recorded; what it forgot, the database knows."""


class ViewRow(OfOrganisation, Table):
    """That somebody saw something in an hour, so that looking twice is recorded once."""

    __tablename__ = "views"
    __table_args__ = (Index("views_by_hour", "organisation", "hour"), {"schema": "audit"})

    thing: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_by: Mapped[str] = mapped_column(String(120), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)


class Views:
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode, audit: Audit, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation
        self._audit = audit
        self._clock = clock

    async def saw(self, action: str, thing: str, *, by: Actor) -> None:
        """Record that `by` is about to be shown `thing`, unless that was recorded this hour."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        key = (self._organisation, thing, by.id, hour)
        if key in _recorded:
            return
        async with self._store.unit(self._organisation) as session:
            row = {"organisation": self._organisation, "thing": thing, "seen_by": by.id, "hour": hour}
            added = insert(ViewRow).values(row).on_conflict_do_nothing().returning(ViewRow.thing)
            if (await session.execute(added)).first() is not None:
                await self._audit.note(action, actor=by.id, subject=thing, outcome=AuditOutcome.DONE)
        _recorded[key] = True

    async def forget(self, *, before: datetime) -> int:
        """Delete what only kept views from being recorded twice; how many."""
        async with self._store.unit(self._organisation) as session:
            gone = await session.execute(
                delete(ViewRow)
                .where(ViewRow.organisation == self._organisation, ViewRow.hour < before)
                .returning(ViewRow.thing)
            )
            return len(gone.all())


_recorded: LRUCache[tuple[str, str, str, datetime], bool] = LRUCache(REMEMBERED)
