"""The audit chain in PostgreSQL: two entries an act, each bound to the one before by its hash."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Index, Integer, Row, String, bindparam, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from agent.domain.clock import utc_now
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, IntentId
from agent.domain.workforce import OdsCode
from agent.store.each_once import each_once
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table
from signed_documents.audit_chains import GENESIS, Break, ChainReader, entry_hash

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""Which call this is part of."""


class ChainHead(OfOrganisation, Table):
    """The last entry of one organisation's chain; locking it puts writers in order."""

    __tablename__ = "chain_heads"
    __table_args__ = ({"schema": "audit"},)

    sequence: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))


class AuditEntry(OfOrganisation, Table):
    """One link. The application may add rows, and neither change nor remove one."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("entries_by_intent", "organisation", "intent"),
        Index("entries_by_action", "organisation", "action", "sequence"),
        Index("entries_by_subject", "organisation", "subject", "sequence"),
        Index("entries_by_actor", "organisation", "actor", "sequence"),
        Index("entries_by_time", "organisation", "at", "sequence"),
        {"schema": "audit"},
    )

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    intent: Mapped[str] = mapped_column(String(36))
    phase: Mapped[str] = mapped_column(String(7))  # "intent" | "outcome"
    action: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(64))  # salted reference
    outcome: Mapped[str | None] = mapped_column(String(12))
    code: Mapped[str | None] = mapped_column(String(60))
    request: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Instant)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


_HEADS, _ENTRIES = cast("SqlTable", ChainHead.__table__), cast("SqlTable", AuditEntry.__table__)
"""As SQL knows them: what is only added, and read back by nobody who adds it, needs no object."""
_OWN_HEAD = _HEADS.c.organisation == bindparam("of_organisation")
_HEAD = select(_HEADS.c.sequence, _HEADS.c.hash).where(_OWN_HEAD).with_for_update()
_MOVED = update(_HEADS).where(_OWN_HEAD).values(sequence=bindparam("of_sequence"), hash=bindparam("of_hash"))
_ADD = (
    insert(_ENTRIES)
    .values({column.name: bindparam(f"of_{column.name}") for column in _ENTRIES.columns})
    .add_cte(_MOVED.cte("moved"))
)
"""Made once: each act makes two entries, and making a statement takes as long as executing it."""


def told(entry: AuditEntry) -> dict[str, object]:
    """The entry as it is hashed, exported and checked (`signed_documents.audit_chains`)."""
    said: dict[str, object] = {column.name: getattr(entry, column.name) for column in _ENTRIES.columns}
    return said | {"at": entry.at.astimezone(UTC).isoformat()}


def first_break(entries: Sequence[AuditEntry]) -> Break | None:
    """The first entry, in order of sequence from 1, that was altered, removed or put in; None if none was."""
    reader = ChainReader()
    return next((found for entry in entries if (found := reader.follow(told(entry)))), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody looks for."""

    action: str | None = None
    actor: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    subject: str | None = None
    """A salted reference, as `AuditChain.reference` makes it."""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What SQL asks of a row, only where something is wanted."""
        if self.action is not None:
            yield AuditEntry.action == self.action
        if self.actor is not None:
            yield AuditEntry.actor == self.actor
        if self.since is not None:
            yield AuditEntry.at >= self.since
        if self.before is not None:
            yield AuditEntry.at < self.before
        if self.subject is not None:
            yield AuditEntry.subject == self.subject


class AuditChain(Audit):
    """One organisation's chain. `salt` turns identifiers into references; keep it outside the database."""

    def __init__(self, store: Store, organisation: OdsCode, salt: bytes) -> None:
        self._store = store
        self._organisation = organisation
        self._salt = salt

    def reference(self, subject: str) -> str:
        """The salted reference under which the chain knows `subject`."""
        return hmac.new(self._salt, subject.encode(), hashlib.sha256).hexdigest()

    async def intend(self, action: str, *, actor: str, subject: str) -> Intent:
        """Commit the intent in a transaction of its own, before anything happens."""
        intent = Intent(IntentId(str(uuid4())), action, actor, self.reference(subject))
        async with self._store.unit(self._organisation) as session:
            await self._append(session, intent, "intent", None, None)
        return intent

    async def intend_within(self, action: str, *, actor: str, subject: str) -> Intent:
        """Append the intent to the unit in hand."""
        intent = Intent(IntentId(str(uuid4())), action, actor, self.reference(subject))
        async with self._store.joined(self._organisation) as session:
            await self._append(session, intent, "intent", None, None)
        return intent

    async def conclude(self, intent: Intent, outcome: AuditOutcome, *, code: str | None = None) -> None:
        """Append the outcome to the unit in hand, or in one of its own when there is none."""
        async with self._store.joined(self._organisation) as session:
            await self._append(session, intent, "outcome", outcome, code)

    async def note(
        self, action: str, *, actor: str, subject: str, outcome: AuditOutcome, code: str | None = None
    ) -> None:
        """Append both entries in one unit: the unit in hand, or one of its own."""
        async with self._store.joined(self._organisation):
            intent = await self.intend_within(action, actor=actor, subject=subject)
            await self.conclude(intent, outcome, code=code)

    async def close_stale(self, *, older_than: timedelta) -> int:
        """Conclude as `unknown` every intent that has waited longer for its outcome; how many there were."""
        async with self._store.unit(self._organisation) as session:
            outcome = aliased(AuditEntry)
            stale = await session.scalars(
                select(AuditEntry)
                .outerjoin(outcome, (outcome.intent == AuditEntry.intent) & (outcome.phase == "outcome"))
                .where(
                    AuditEntry.phase == "intent",
                    AuditEntry.at < utc_now() - older_than,
                    outcome.intent.is_(None),
                )
            )
            entries = stale.all()
            for entry in entries:
                intent = Intent(IntentId(entry.intent), entry.action, entry.actor, entry.subject)
                await self._append(session, intent, "outcome", AuditOutcome.UNKNOWN, None)
        return len(entries)

    async def entries(
        self, wanted: Wanted | None = None, *, after: int = 0, limit: int = 100, until: int | None = None
    ) -> Sequence[AuditEntry]:
        """Up to `limit` entries that follow sequence number `after`: all, or those that are `wanted`."""
        row = AuditEntry
        query = select(row).where(row.organisation == self._organisation, row.sequence > after)
        if until is not None:
            query = query.where(row.sequence <= until)
        for condition in (wanted or Wanted()).conditions():
            query = query.where(condition)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query.order_by(row.sequence).limit(limit))).all()

    async def about(self, subjects: frozenset[str]) -> Sequence[AuditEntry]:
        """Every entry about any of the things with these identifiers, oldest first."""
        row = AuditEntry
        wanted = row.subject.in_(sorted(map(self.reference, subjects)))
        query = select(row).where(row.organisation == self._organisation, wanted)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query.order_by(row.sequence))).all()

    async def acts_on(
        self, thing: str, *, after: int = 0, limit: int = 100
    ) -> Sequence[tuple[AuditEntry, str | None]]:
        """Up to `limit` intents about one thing that follow number `after`, each with its outcome."""
        intent, outcome = AuditEntry, aliased(AuditEntry)
        concluded = (
            (outcome.organisation == intent.organisation)
            & (outcome.intent == intent.intent)
            & (outcome.phase == "outcome")
        )
        query = select(intent, outcome.outcome).outerjoin(outcome, concluded)
        query = query.where(
            intent.organisation == self._organisation,
            intent.subject == self.reference(thing),
            intent.phase == "intent",
            intent.sequence > after,
        )
        async with self._store.unit(self._organisation) as session:
            found = await session.execute(query.order_by(intent.sequence).limit(limit))
            return [(entry, said) for entry, said in found]

    async def knows(self, thing: str, *, but: str) -> bool:
        """Whether there is an entry about the thing of any other action than `but`."""
        row = AuditEntry
        query = select(row.sequence).where(
            row.organisation == self._organisation, row.subject == self.reference(thing), row.action != but
        )
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query.limit(1)) is not None

    async def actions(self) -> Sequence[str]:
        """Every action that there is an entry of, by the alphabet."""
        query = each_once(AuditEntry.action, AuditEntry.organisation == self._organisation)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query)).all()

    async def length(self) -> int:
        """How many entries the chain has."""
        head = select(ChainHead.sequence).where(ChainHead.organisation == self._organisation)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(head)).one_or_none() or 0

    async def _append(
        self,
        session: AsyncSession,
        intent: Intent,
        phase: str,
        outcome: AuditOutcome | None,
        code: str | None,
    ) -> None:
        head = await self._head(session)
        entry = AuditEntry(
            organisation=self._organisation,
            sequence=head.sequence + 1,
            intent=intent.id,
            phase=phase,
            action=intent.action,
            actor=intent.actor,
            subject=intent.subject,
            outcome=outcome,
            code=code,
            request=request_id.get(),
            at=utc_now(),
            previous=head.hash,
        )
        entry.hash = entry_hash(told(entry))
        await self._add(session, entry)

    async def _add(self, session: AsyncSession, entry: AuditEntry) -> None:
        """Add the entry and move the chain's end to it, in one statement: many are written."""
        said = {f"of_{column.name}": getattr(entry, column.name) for column in _ENTRIES.columns}
        await session.execute(_ADD, said)

    async def _head(self, session: AsyncSession) -> Row[int, str]:
        """The chain's end, locked until the transaction ends; begun at the first entry."""
        own = {"of_organisation": self._organisation}
        if (found := (await session.execute(_HEAD, own)).one_or_none()) is not None:
            return found
        first = insert(_HEADS).values(organisation=self._organisation, sequence=0, hash=GENESIS)
        await session.execute(first.on_conflict_do_nothing())
        return (await session.execute(_HEAD, own)).one()
