"""Which assertions have been used, so that none is used twice by any replica."""

import time
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import cast

from sqlalchemy import Index, String, delete
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.clock import utc_now
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table


class UsedAssertion(OfOrganisation, Table):
    """One assertion's id, kept until it would have expired anyway."""

    __tablename__ = "used_assertions"
    __table_args__ = (
        Index("used_assertions_by_expiry", "organisation", "expires_at"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


_USE = (  # made once, and past the mapper: every call does this
    insert(cast("SqlTable", UsedAssertion.__table__))
    .on_conflict_do_nothing()
    .returning(UsedAssertion.__table__.c.id)
)


class UsedAssertions:
    """One organisation's used assertions."""

    def __init__(self, store: Store, organisation: OdsCode) -> None:
        self._store = store
        self._organisation = organisation

    def unit(self) -> AbstractAsyncContextManager[object]:
        """A unit of work in which an assertion is used, and who acts is looked up: one way for both."""
        return self._store.unit(self._organisation)

    async def use(self, assertion: str, *, until: datetime) -> bool:
        """Mark `assertion` as used; False when it was used before."""
        async with self._store.joined(self._organisation) as session:
            await self._forget_some(session)
            row = {"organisation": self._organisation, "id": assertion, "expires_at": until}
            return (await session.execute(_USE, row)).first() is not None

    async def _forget_some(self, session: AsyncSession) -> None:
        """Now and then, delete those that would be refused anyway."""
        now = time.monotonic()
        if _forgotten.get(self._organisation, -FORGET_EVERY_SECONDS) > now - FORGET_EVERY_SECONDS:
            return
        _forgotten[self._organisation] = now
        gone = (UsedAssertion.organisation == self._organisation) & (UsedAssertion.expires_at < utc_now())
        await session.execute(delete(UsedAssertion).where(gone))


FORGET_EVERY_SECONDS = 60.0
_forgotten: dict[OdsCode, float] = {}
"""When each organisation's were last looked through, by this process."""
