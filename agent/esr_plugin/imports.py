"""What became of outbound files, for people to see."""

from collections.abc import Sequence

from sqlalchemy import select

from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.esr_feed.jobs import ImportState
from agent.esr_plugin.feed_records import ImportRow
from agent.paging import Position
from agent.store.engine import Store


class Imports:
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode) -> None:
        self._store = store
        self._organisation = organisation

    async def get(self, name: str) -> ImportRow:
        """One import. Raises `NotFound`."""
        async with self._store.unit(self._organisation) as session:
            row = await session.get(ImportRow, {"organisation": self._organisation, "id": name})
        if row is None:
            raise NotFound("There is no such import.")
        return row

    async def page(
        self, *, state: ImportState | None, after: Position | None, limit: int
    ) -> Sequence[ImportRow]:
        """Up to `limit` imports, newest first."""
        row = ImportRow
        query = select(row).where(row.organisation == self._organisation)
        if state is not None:
            query = query.where(row.state == state)
        if after is not None:
            older = (row.started_at == after[0]) & (row.id < after[1])
            query = query.where((row.started_at < after[0]) | older)
        newest_first = query.order_by(row.started_at.desc(), row.id.desc())
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(newest_first.limit(limit))).all()
