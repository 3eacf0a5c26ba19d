"""What changed, for whoever watches: the database itself writes it down, in the transaction that changes it.

A change says which thing, and nothing of what it is now: who may read that reads it by its own route.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from sqlalchemy import BigInteger, FetchedValue, Identity, Index, String, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.clock import Clock, utc_now
from agent.domain.errors import InvalidInput
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

KEPT_FOR = timedelta(days=1)
LOOK_EVERY = 0.5  # seconds: however many watch, one of them looks
MOST = 500
_POSITION = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")
_LARGEST = 2**63 - 1


class Kind(StrEnum):
    """What can be watched. A credential's change is its passport's, a request's or verdict's its review's."""

    PASSPORT = "passport"
    REVIEW = "review"
    TASK = "task"
    WEAK_MATCH = "weak_match"
    REGISTRATION = "registration"
    APPLICATION = "application"


class ChangeRow(OfOrganisation, Table):
    """One row of a watched table was written. Triggers make these (migrations 0012 and 0016)."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("changes_in_order", "organisation", "transaction", "number"),
        Index("changes_by_age", "organisation", "at"),
        {"schema": "organisation"},
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Instant, FetchedValue())


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far somebody has read: PostgreSQL's number of the transaction, then ours of the row."""

    transaction: int
    number: int

    @classmethod
    def parse(cls, word: str) -> Self:
        """Raises `InvalidInput` for what is none of ours."""
        found = _POSITION.fullmatch(word)
        if found is None or max(map(int, found.groups())) > _LARGEST:
            raise InvalidInput("That position is none of ours.", fields={"after": "unknown"})
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.transaction}-{self.number}"


@dataclass(frozen=True, slots=True)
class Change:
    """Something of this thing is otherwise than before."""

    position: Position
    kind: Kind
    subject: str


# Transactions end in another order than they begin in, and as they begin they are numbered. What is read is
# older than any that still runs: nothing comes before it any more, and a position leaves nothing out.
_SINCE = text("""
SELECT transaction, max(number), kind, subject FROM organisation.changes
WHERE organisation = :organisation AND (transaction, number) > (:transaction, :number)
    AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
GROUP BY transaction, kind, subject ORDER BY transaction, max(number) LIMIT :most
""")
_NEWEST = text("""
SELECT transaction, number FROM organisation.changes
WHERE organisation = :organisation AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY transaction DESC, number DESC LIMIT 1
""")
_NOW = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")


class Changes:
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation
        self._clock = clock
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._newest: Position | None = None

    async def now(self) -> Position:
        """After all that has settled by now."""
        async with self._store.unit(self._organisation) as session:
            return Position((await session.execute(_NOW)).scalar_one(), _LARGEST)

    async def since(self, position: Position) -> Sequence[Change]:
        """What came after it, each thing once for a transaction, in order; up to 500."""
        told = {
            "organisation": self._organisation,
            "transaction": position.transaction,
            "number": position.number,
            "most": MOST,
        }
        async with self._store.unit(self._organisation) as session:
            rows = (await session.execute(_SINCE, told)).all()
        return [
            Change(Position(transaction, number), Kind(kind), subject)
            for transaction, number, kind, subject in rows
        ]

    async def wait(self, position: Position, *, at_most: float) -> Sequence[Change]:
        """The same, once there is something; nothing after `at_most` seconds."""
        ends = asyncio.get_running_loop().time() + at_most
        while not await self._is_newer(position):
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                return ()
            await asyncio.sleep(min(LOOK_EVERY, left))
        return await self.since(position)

    async def has_forgotten(self, position: Position) -> bool:
        """Whether something after `position` may be gone, so that its reader has to read everything anew."""
        oldest = select(ChangeRow.transaction).where(ChangeRow.organisation == self._organisation)
        async with self._store.unit(self._organisation) as session:
            first = await session.scalar(oldest.order_by(ChangeRow.transaction).limit(1))
        return first is not None and position.transaction < first

    async def forget(self) -> None:
        """Drop what is older than a day, but the newest, by which a reader from before is known."""
        async with self._store.unit(self._organisation) as session:
            newest = (
                select(ChangeRow.number)
                .where(ChangeRow.organisation == self._organisation)
                .order_by(ChangeRow.transaction.desc(), ChangeRow.number.desc())
                .limit(1)
            )
            await session.execute(
                delete(ChangeRow).where(
                    ChangeRow.organisation == self._organisation,
                    ChangeRow.at < self._clock() - KEPT_FOR,
                    ChangeRow.number.not_in(newest),
                )
            )

    async def _is_newer(self, position: Position) -> bool:
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now - self._looked_at >= LOOK_EVERY:
                self._newest, self._looked_at = await self._look(), now
        return self._newest is not None and self._newest > position

    async def _look(self) -> Position | None:
        async with self._store.unit(self._organisation) as session:
            row = (await session.execute(_NEWEST, {"organisation": self._organisation})).one_or_none()
        return None if row is None else Position(*row)
