"""Checkpoints: now and then the organisation signs how long its chain is and what all of it comes to.

From then on nobody changes an entry unseen, whoever owns the database: a second place has the checkpoint, and
so has the registry, which takes only one to which the last leads.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import BigInteger, String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from agent.audit.chain import ChainHead
from agent.audit.tree import AuditTree
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, InvalidInput, NotFound
from agent.domain.ports.audit import CheckpointPublisher, CheckpointSigner
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table
from signed_documents.files import whole_file

LOGGER = logging.getLogger(__name__)


class CheckpointRow(OfOrganisation, Table):
    """A signed checkpoint. The application may add rows, and neither change nor remove one."""

    __tablename__ = "checkpoints"
    __table_args__ = ({"schema": "audit"},)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    note: Mapped[str] = mapped_column(String(4096))
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That one entry stands in the chain of `size` entries; `hashes` from the leaf to the root."""

    sequence: int
    entry_hash: str
    size: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheckpoints:
    """One organisation's checkpoints. `copies` is the folder of the second place, if there is one."""

    store: Store
    organisation: OdsCode
    signer: CheckpointSigner
    publisher: CheckpointPublisher
    copies: Path | None = None
    clock: Clock = utc_now

    async def make(self) -> CheckpointRow | None:
        """Sign what has been added since the last; that one, if it was nothing, and None of an empty chain.

        Raises `Conflict` while the organisation has no DID.
        """
        async with self.store.unit(self.organisation) as session:
            head = select(ChainHead.sequence).where(ChainHead.organisation == self.organisation)
            size = (await session.scalars(head)).one_or_none() or 0
            newest = await self._newest()
            if size == 0 or (newest is not None and newest.size >= size):
                return newest
            tree, now = AuditTree(session, self.organisation), self.clock()
            await tree.grow(size)
            note = await self.signer.checkpoint(size, await tree.root(size), at=now)
            row = {"organisation": self.organisation, "size": size, "note": note.decode(), "at": now}
            # Another replica may have signed the same in the meantime; then that one stands.
            await session.execute(insert(CheckpointRow).values(row).on_conflict_do_nothing())
            return await self._newest()

    async def publish(self) -> None:
        """Bring the newest to the registry and to the second place, unless they have it.

        Raises `Conflict` with code `audit_behind` when the registry has a later one: the database is older
        than it was. `Unavailable` when the registry does not answer.
        """
        async with self.store.unit(self.organisation):
            newest = await self._newest()
        if newest is None:
            return
        await self._copy(newest)
        published = await self.publisher.published_size()
        if published > newest.size:
            LOGGER.error("The audit has fewer entries than were published: the database went back in time")
            raise Conflict("The registry has a later checkpoint than this audit.", code="audit_behind")
        if published < newest.size:
            proof = (await self.consistency(published, newest.size)) if published else ()
            await self.publisher.publish(newest.note.encode(), after=published, proof=proof)

    async def all(self, *, after: int = 0, limit: int = 100) -> Sequence[CheckpointRow]:
        """Up to `limit` that were made of more than `after` entries, the shortest first."""
        row = CheckpointRow
        wanted = select(row).where(row.organisation == self.organisation, row.size > after)
        async with self.store.unit(self.organisation) as session:
            return (await session.scalars(wanted.order_by(row.size).limit(limit))).all()

    async def inclusion(self, sequence: int, size: int) -> InclusionProof:
        """Raises `NotFound` when there is no such entry, `InvalidInput` when `size` does not reach it."""
        async with self.store.unit(self.organisation) as session:
            await self._require_length(size)
            if not 1 <= sequence <= size:
                raise NotFound("There is no such entry in a chain of that size.")
            tree = AuditTree(session, self.organisation)
            (leaf,) = await tree.entry_hashes(sequence - 1, 1)
            return InclusionProof(sequence, leaf, size, tuple(await tree.inclusion(sequence - 1, size)))

    async def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """That the chain of `later` entries begins with that of `earlier`. Raises `InvalidInput`."""
        if not 1 <= earlier <= later:
            raise InvalidInput("earlier is 1 or more, and no more than later.", fields={"earlier": "range"})
        async with self.store.unit(self.organisation) as session:
            await self._require_length(later)
            return tuple(await AuditTree(session, self.organisation).consistency(earlier, later))

    async def _require_length(self, size: int) -> None:
        async with self.store.joined(self.organisation) as session:
            head = select(ChainHead.sequence).where(ChainHead.organisation == self.organisation)
            if ((await session.scalars(head)).one_or_none() or 0) < size:
                raise InvalidInput("The chain is shorter than that.", fields={"size": "beyond the chain"})

    async def _newest(self) -> CheckpointRow | None:
        row = CheckpointRow
        newest = select(row).where(row.organisation == self.organisation).order_by(row.size.desc()).limit(1)
        async with self.store.joined(self.organisation) as session:
            return (await session.scalars(newest)).one_or_none()

    async def _copy(self, checkpoint: CheckpointRow) -> None:
        if self.copies is None:
            return
        file = self.copies / f"{self.organisation}-{checkpoint.size:012}.checkpoint"
        await asyncio.to_thread(_write, file, checkpoint.note.encode())


def _write(file: Path, note: bytes) -> None:
    if not file.exists():
        with whole_file(file) as partial:
            partial.write(note)
