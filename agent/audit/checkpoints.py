"""Checkpoints: now and then the organisation signs how long its chain is and what all of it comes to.

From then on nobody changes an entry unseen, whoever owns the database: a second place has the checkpoint, and
so has the registry, which takes only one to which the last leads.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from errno import ENOENT
from pathlib import Path

from sqlalchemy import BigInteger, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from agent.audit.chain import ChainHead
from agent.audit.tree import AuditTree
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from agent.domain.ports.audit import ChainState, CheckpointPublisher, CheckpointSigner
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table
from signed_documents.files import whole_file

LOGGER = logging.getLogger(__name__)
_LOOKS, _LOOK_EVERY_SECONDS = 100, 0.1


class CheckpointRow(OfOrganisation, Table):
    """A signed checkpoint. The application may add rows, and neither change nor remove one."""

    __tablename__ = "checkpoints"
    __table_args__ = ({"schema": "audit"},)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary)
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

    async def sign(self) -> CheckpointRow | None:
        """Sign and publish what was added since the last checkpoint; None of an empty chain.

        Nothing is signed that does not lead on from what was signed before. Raises `Conflict` with code
        `audit_behind` or `audit_forked` when the chain does not, `no_did` while the organisation has no DID;
        `Unavailable` when the registry does not answer, or another replica is at it for long.
        """
        for _ in range(_LOOKS):
            async with self.store.alone(f"checkpoint:{self.organisation}") as alone:
                if alone:
                    return await self._sign()
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise Unavailable("The audit is being signed elsewhere.", code="audit_being_signed")

    async def _sign(self) -> CheckpointRow | None:
        published = await self.publisher.published()
        newest = await self.newest()
        own = None if newest is None else ChainState(newest.size, newest.root)
        size = await self._grown(published, own)
        if size == 0:
            return None
        if newest is None or newest.size < size:
            newest = await self._add(size)
        await self._publish(newest, published)
        await self._copy()
        return newest

    async def _grown(self, *signed: ChainState | None) -> int:
        """Have the tree grow to the length that the chain has now, if that leads on from what was signed.

        In one unit: of a chain that somebody wrote anew nothing is kept, whatever rows they rewrite with it.
        """
        async with self.store.unit(self.organisation) as session:
            head = select(ChainHead.sequence).where(ChainHead.organisation == self.organisation)
            size = (await session.scalars(head)).one_or_none() or 0
            tree = AuditTree(session, self.organisation)
            await tree.grow(size)
            for known in filter(None, signed):
                await _require_leading_on(tree, size, known)
        return size

    async def _add(self, size: int) -> CheckpointRow:
        async with self.store.unit(self.organisation) as session:
            root, now = await AuditTree(session, self.organisation).root(size), self.clock()
            note = await self.signer.checkpoint(size, root, at=now)
            row = CheckpointRow(
                organisation=self.organisation, size=size, root=root, note=note.decode(), at=now
            )
            session.add(row)
        return row

    async def _publish(self, checkpoint: CheckpointRow, published: ChainState | None) -> None:
        after = 0 if published is None else published.size
        if after < checkpoint.size:
            proof = await self.consistency(after, checkpoint.size) if after else ()
            await self.publisher.publish(checkpoint.note.encode(), after=after, proof=proof)

    async def _copy(self) -> None:
        """Bring to the second place what it lacks. It may be away: what was published stays published."""
        if self.copies is None:
            return
        try:
            last = await asyncio.to_thread(_last_copied, self.copies, self.organisation)
            while rows := await self.all(after=last):
                for row in rows:
                    file = self.copies / f"{self.organisation}-{row.size:012}.checkpoint"
                    await asyncio.to_thread(_write, file, row.note.encode())
                last = rows[-1].size
        except OSError as error:
            LOGGER.error("The second place of the audit takes no checkpoints: %s", error.strerror)  # noqa: TRY400  # one line

    async def all(self, *, after: int = 0, limit: int = 100) -> Sequence[CheckpointRow]:
        """Up to `limit` that were made of more than `after` entries, the shortest first."""
        row = CheckpointRow
        wanted = select(row).where(row.organisation == self.organisation, row.size > after)
        async with self.store.unit(self.organisation) as session:
            return (await session.scalars(wanted.order_by(row.size).limit(limit))).all()

    async def inclusion(self, sequence: int, size: int) -> InclusionProof:
        """Raises `NotFound` when there is no such entry, `InvalidInput` when no checkpoint covers `size`."""
        await self._require_signed(size)
        if not 1 <= sequence <= size:
            raise NotFound("There is no such entry in a chain of that size.")
        async with self.store.unit(self.organisation) as session:
            tree = AuditTree(session, self.organisation)
            (leaf,) = await tree.entry_hashes(sequence - 1, 1)
            return InclusionProof(sequence, leaf, size, tuple(await tree.inclusion(sequence - 1, size)))

    async def consistency(self, earlier: int, later: int) -> tuple[bytes, ...]:
        """That the chain of `later` entries begins with that of `earlier`. Raises `InvalidInput`."""
        if not 1 <= earlier <= later:
            raise InvalidInput("earlier is 1 or more, and no more than later.", fields={"earlier": "range"})
        await self._require_signed(later)
        async with self.store.unit(self.organisation) as session:
            return tuple(await AuditTree(session, self.organisation).consistency(earlier, later))

    async def _require_signed(self, size: int) -> None:
        newest = await self.newest()
        if newest is None or newest.size < size:
            raise InvalidInput("No checkpoint covers so many entries.", fields={"size": "not signed yet"})

    async def newest(self) -> CheckpointRow | None:
        """The last that was signed; None while nothing was."""
        row = CheckpointRow
        newest = select(row).where(row.organisation == self.organisation).order_by(row.size.desc()).limit(1)
        async with self.store.unit(self.organisation) as session:
            return (await session.scalars(newest)).one_or_none()


async def _require_leading_on(tree: AuditTree, size: int, signed: ChainState) -> None:
    if signed.size > size:
        LOGGER.error("The audit has fewer entries than were signed: the database went back in time")
        raise Conflict("More entries were signed than the audit has.", code="audit_behind")
    if await tree.root(signed.size) != signed.root:
        LOGGER.error("The audit has other entries than were signed: somebody rewrote it")
        raise Conflict("The audit has other entries than were signed.", code="audit_forked")


def _last_copied(folder: Path, organisation: OdsCode) -> int:
    """The size of the newest checkpoint that is there. Raises `FileNotFoundError` when the folder is not."""
    if not folder.is_dir():
        raise FileNotFoundError(ENOENT, "the folder is not there")
    names = (file.stem.rpartition("-") for file in folder.glob(f"{organisation}-*.checkpoint"))
    return max((int(size) for _, _, size in names if size.isdigit()), default=0)


def _write(file: Path, note: bytes) -> None:
    with whole_file(file) as partial:
        partial.write(note)
