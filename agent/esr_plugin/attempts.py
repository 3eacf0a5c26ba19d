"""Searches counted in the store, and the alerts that a burst of misses raises."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Boolean, Index, Integer, String, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Actor
from agent.domain.errors import LimitReached, NotFound
from agent.domain.ports.administrators import Administrators, Notice
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.workforce import Organisation
from agent.esr_plugin.acts import ACTOR
from agent.esr_plugin.limits import BURST, WINDOW, AttemptKind, Attempts, Limits, SearchAlert
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

ALERTS_KEPT = timedelta(days=365)
_COUNTED_FOR = timedelta(days=1)
_ALERT_AGAIN = timedelta(hours=1)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


class AttemptRow(OfOrganisation, Table):
    """That somebody searched, and whether it found anybody to show; not for whom."""

    __tablename__ = "search_attempts"
    __table_args__ = (
        Index("attempts_by_time", "organisation", "kind", "at"),
        Index("misses_by_time", "organisation", "searcher", "at", postgresql_where=text("missed")),
        {"schema": "esr"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    searcher: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    missed: Mapped[bool] = mapped_column(Boolean)


class AlertRow(OfOrganisation, Table):
    """One alert, about one user."""

    __tablename__ = "search_alerts"
    __table_args__ = (Index("alerts_by_age", "organisation", "at", "id"), {"schema": "esr"})

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    searcher: Mapped[str] = mapped_column(String(120))
    searcher_person: Mapped[str | None] = mapped_column(String(36))
    misses: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)


class StoredAttempts(Attempts):
    """One organisation's, counted for all replicas at once."""

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        audit: Audit,
        administrators: Administrators,
        limits: Limits,
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._audit = audit
        self._administrators = administrators
        self._limits = limits

    async def take(self, kind: AttemptKind, *, by: Actor, now: datetime) -> str:
        """Count under a lock, so that two who search at once are two."""
        async with self._store.unit(self._organisation) as session:
            await session.execute(_LOCK, {"what": f"esr-searches:{self._organisation}"})
            await self._require_room(session, kind, by, now)
            await session.execute(delete(AttemptRow).where(AttemptRow.at < now - _COUNTED_FOR))
            row = AttemptRow(
                organisation=self._organisation,
                id=str(uuid4()),
                searcher=by.id,
                kind=kind,
                at=now,
                missed=False,
            )
            session.add(row)
        return row.id

    async def missed(self, attempt: str, *, by: Actor, now: datetime) -> None:
        """Mark it, and count the user's misses of the last minutes."""
        async with self._store.unit(self._organisation) as session:
            await session.execute(_LOCK, {"what": f"esr-misses:{self._organisation}:{by.id}"})
            row = await session.get(AttemptRow, {"organisation": self._organisation, "id": attempt})
            if row is not None:
                row.missed = True
                await session.flush()
            misses = await self._misses(session, by, since=now - BURST)
            rows = await self._misses(session, by, since=now - WINDOW, kind=AttemptKind.ROW)
            burst = misses >= self._limits.misses or rows >= self._limits.missed_rows
            if burst and not await self._alerted(session, by, now - _ALERT_AGAIN):
                await self._alert(session, by, max(misses, rows), now)

    async def page(self, *, after: tuple[datetime, str] | None, limit: int) -> Sequence[SearchAlert]:
        """Up to `limit` alerts, the newest first."""
        row = AlertRow
        query = select(row).where(row.organisation == self._organisation)
        if after is not None:
            query = query.where((row.at < after[0]) | ((row.at == after[0]) & (row.id < after[1])))
        async with self._store.unit(self._organisation) as session:
            found = await session.scalars(query.order_by(row.at.desc(), row.id.desc()).limit(limit))
            return [_alert(each) for each in found]

    async def alert(self, alert: str) -> SearchAlert:
        """Look one up."""
        async with self._store.unit(self._organisation) as session:
            return _alert(await self._alert_row(session, alert))

    async def acknowledge(self, alert: str, *, by: Actor, now: datetime) -> SearchAlert:
        """Keep who has seen to it; whoever did so first stays."""
        async with self._store.joined(self._organisation) as session:
            row = await self._alert_row(session, alert, lock=True)
            row.acknowledged_by = row.acknowledged_by or by.id
            row.acknowledged_at = row.acknowledged_at or now
            return _alert(row)

    async def _require_room(self, session: AsyncSession, kind: AttemptKind, by: Actor, now: datetime) -> None:
        row = AttemptRow
        counted = select(func.count(), func.min(row.at)).where(
            row.organisation == self._organisation, row.kind == kind, row.at > now - WINDOW
        )
        own = counted.where(row.searcher == by.id)
        bounds = [
            (own, self._limits.per_user(kind), "You have"),
            (counted, self._limits.per_organisation(kind), "Your organisation has"),
        ]
        if kind is AttemptKind.ROW:
            bounds.append((own.where(row.missed), self._limits.missed_rows, "You have"))
        for query, most, whose in bounds:
            count, first = (await session.execute(query)).one()
            if count >= most:
                raise _limit_reached(whose, first + WINDOW - now)

    async def _misses(
        self,
        session: AsyncSession,
        by: Actor,
        *,
        since: datetime,
        kind: AttemptKind = AttemptKind.SEARCH,
    ) -> int:
        row = AttemptRow
        query = select(func.count()).where(
            row.organisation == self._organisation,
            row.searcher == by.id,
            row.kind == kind,
            row.missed,
            row.at > since,
        )
        return await session.scalar(query) or 0

    async def _alerted(self, session: AsyncSession, by: Actor, since: datetime) -> bool:
        row = AlertRow
        query = select(row.id).where(
            row.organisation == self._organisation, row.searcher == by.id, row.at > since
        )
        return await session.scalar(query.limit(1)) is not None

    async def _alert(self, session: AsyncSession, by: Actor, misses: int, now: datetime) -> None:
        await session.execute(delete(AlertRow).where(AlertRow.at < now - ALERTS_KEPT))
        row = AlertRow(
            organisation=self._organisation,
            id=str(uuid4()),
            searcher=by.id,
            searcher_person=by.person,
            misses=misses,
            at=now,
        )
        session.add(row)
        await self._administrators.tell(Notice.SEARCHES)
        await self._audit.note("alert about searches", actor=ACTOR, subject=by.id, outcome=AuditOutcome.DONE)

    async def _alert_row(self, session: AsyncSession, alert: str, *, lock: bool = False) -> AlertRow:
        key = {"organisation": self._organisation, "id": alert}
        row = await session.get(AlertRow, key, with_for_update=lock)
        if row is None:
            raise NotFound("There is no such alert.")
        return row


def _limit_reached(whose: str, until: timedelta) -> LimitReached:
    minutes = max(1, -(-int(until.total_seconds()) // 60))
    sentence = (
        f"{whose} searched as often as is allowed within an hour. Search again in about {minutes} minutes."
    )
    return LimitReached(sentence, code="search_limit_reached", retry_after=max(1, int(until.total_seconds())))


def _alert(row: AlertRow) -> SearchAlert:
    return SearchAlert(
        row.id,
        row.searcher,
        row.searcher_person,
        row.misses,
        row.at,
        row.acknowledged_by,
        row.acknowledged_at,
    )
