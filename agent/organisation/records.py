"""Which assertions have been used, so that none is used twice by any replica."""

from datetime import datetime

from sqlalchemy import Index, String, delete
from sqlalchemy.dialects.postgresql import insert
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


class UsedAssertions:
    """One organisation's used assertions."""

    def __init__(self, store: Store, organisation: OdsCode) -> None:
        self._store = store
        self._organisation = organisation

    async def use(self, assertion: str, *, until: datetime) -> bool:
        """Mark `assertion` as used; False when it was used before."""
        async with self._store.unit(self._organisation) as session:
            await session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < utc_now()))
            row = {"organisation": self._organisation, "id": assertion, "expires_at": until}
            inserted = await session.execute(
                insert(UsedAssertion).values(row).on_conflict_do_nothing().returning(UsedAssertion.id)
            )
            return inserted.first() is not None
