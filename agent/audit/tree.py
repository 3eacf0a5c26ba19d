"""The Merkle tree over one organisation's chain (RFC 6962), kept as far as it is complete.

Kept is a node for every 256 entries, for every 256 of those, and so on: one small row in 256, from which any
proof is worked out with a few reads, however long the chain is.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, LargeBinary, SmallInteger, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.audit.chain import AuditEntry
from agent.domain.errors import Conflict
from agent.domain.workforce import OdsCode
from agent.store.tables import OfOrganisation, Table
from signed_documents.merkle import (
    Frontier,
    Hash,
    Node,
    consistency_ranges,
    folded,
    inclusion_ranges,
    leaf_hash,
    nodes_of,
)

STEP = 8
"""Levels between the kept ones."""
_KEPT = (8, 16, 24)


class TreeNode(OfOrganisation, Table):
    """A complete subtree. The application may add rows, and neither change nor remove one."""

    __tablename__ = "tree_nodes"
    __table_args__ = ({"schema": "audit"},)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditTree:
    """One organisation's tree within a unit of work. Entry n of the chain is leaf n - 1."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    async def grow(self, size: int) -> None:
        """Keep the nodes that `size` entries complete, and that are not kept yet."""
        for level in _KEPT:
            last = func.coalesce(func.max(TreeNode.index), -1)
            kept = select(last).where(TreeNode.organisation == self._organisation, TreeNode.level == level)
            for index in range((await self._session.scalars(kept)).one() + 1, size >> level):
                await self._keep((level, index))

    async def root(self, size: int) -> Hash:
        """The root of the first `size` entries."""
        return await self._range(0, size)

    async def inclusion(self, index: int, size: int) -> list[Hash]:
        """What proves leaf `index` to be among the first `size`."""
        return [await self._range(start, end) for start, end in inclusion_ranges(index, size)]

    async def consistency(self, earlier: int, later: int) -> list[Hash]:
        """What proves that the first `later` entries begin with the first `earlier`, as they were."""
        return [await self._range(start, end) for start, end in consistency_ranges(earlier, later)]

    async def entry_hashes(self, first: int, count: int) -> Sequence[str]:
        """The chain's own hashes of `count` entries, from leaf `first` on."""
        entry = AuditEntry
        wanted = select(entry.hash).where(
            entry.organisation == self._organisation, entry.sequence.between(first + 1, first + count)
        )
        return (await self._session.scalars(wanted.order_by(entry.sequence))).all()

    async def _keep(self, node: Node) -> None:
        level, index = node
        row = {
            "organisation": self._organisation,
            "level": level,
            "index": index,
            "hash": await self._from_below(node, level - STEP),
        }
        await self._session.execute(insert(TreeNode).values(row).on_conflict_do_nothing())

    async def _range(self, start: int, end: int) -> Hash:
        return folded([await self._node(node) for node in nodes_of(start, end)])

    async def _node(self, node: Node) -> Hash:
        level, _ = node
        return await self._from_below(node, level // STEP * STEP)

    async def _from_below(self, node: Node, kept: int) -> Hash:
        """A node from those of the level `kept`, at most 256, of which it is made; itself, if it is one."""
        level, index = node
        frontier, wide = Frontier(), 1 << (level - kept)
        for hash_ in await self._kept(kept, index * wide, wide):
            frontier.append(hash_)
        if frontier.size != wide:
            raise Conflict("The audit's tree has not grown so far, or is not whole.", code="tree_not_whole")
        return frontier.root()

    async def _kept(self, level: int, first: int, count: int) -> Sequence[Hash]:
        if level == 0:
            return [leaf_hash(bytes.fromhex(hash_)) for hash_ in await self.entry_hashes(first, count)]
        node = TreeNode
        kept = select(node.hash).where(
            node.organisation == self._organisation,
            node.level == level,
            node.index.between(first, first + count - 1),
        )
        return (await self._session.scalars(kept.order_by(node.index))).all()
