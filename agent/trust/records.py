"""The operator's trust list as it is kept: entries, roots, and what was signed last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.store.tables import Instant, OfOrganisation, Table
from signed_documents.trust_lists import ListedOrganisation


class EntryRow(OfOrganisation, Table):
    """One organisation: what is said of it, and what of that is in the list."""

    __tablename__ = "entries"
    __table_args__ = ({"schema": "trust"},)

    ods_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    registered_by: Mapped[str] = mapped_column(String(120))
    registered_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    restore_asked_by: Mapped[str | None] = mapped_column(String(120))
    restore_asked_by_person: Mapped[str | None] = mapped_column(String(36))
    restore_asked_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def entry(self) -> ListedOrganisation:
        """What is said of it."""
        return ListedOrganisation.model_validate(self.said)

    @property
    def listed(self) -> ListedOrganisation | None:
        """What the list says of it."""
        return None if self.published is None else ListedOrganisation.model_validate(self.published)


class RootRow(OfOrganisation, Table):
    """One root, signed by people offline."""

    __tablename__ = "roots"
    __table_args__ = ({"schema": "trust"},)

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    submitted_by: Mapped[str] = mapped_column(String(120))
    submitted_at: Mapped[datetime] = mapped_column(Instant)


class PublicationRow(OfOrganisation, Table):
    """The keys, and what was signed with them last; `published_at` is when the registry took just that."""

    __tablename__ = "publications"
    __table_args__ = ({"schema": "trust"},)

    keys: Mapped[dict[str, str]] = mapped_column(JSONB)
    next_keys: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    targets_version: Mapped[int] = mapped_column(Integer, default=0)
    snapshot_version: Mapped[int] = mapped_column(Integer, default=0)
    timestamp_version: Mapped[int] = mapped_column(Integer, default=0)
    listing: Mapped[str | None] = mapped_column(Text)
    targets: Mapped[str | None] = mapped_column(Text)
    snapshot: Mapped[str | None] = mapped_column(Text)
    timestamp: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def versions(self) -> dict[str, int]:
        """How far each role has counted."""
        return {
            "targets": self.targets_version,
            "snapshot": self.snapshot_version,
            "timestamp": self.timestamp_version,
        }


class TrustRepository:
    """All of it, in one unit of work."""

    def __init__(self, session: AsyncSession, organisation: OdsCode) -> None:
        self._session = session
        self._organisation = organisation

    def add(self, row: EntryRow | RootRow | PublicationRow) -> None:
        """Keep a new one."""
        self._session.add(row)

    async def entry(self, ods_code: str, *, lock: bool = False) -> EntryRow:
        """One entry, perhaps locked until the unit ends. Raises `NotFound`."""
        if (row := await self.find(ods_code, lock=lock)) is None:
            raise NotFound("This organisation is not in the trust list.")
        return row

    async def find(self, ods_code: str, *, lock: bool = False) -> EntryRow | None:
        """The entry, if there is one."""
        key = {"organisation": self._organisation, "ods_code": ods_code}
        return await self._session.get(EntryRow, key, with_for_update=lock)

    async def entries(self, *, after: str | None = None, limit: int | None = None) -> Sequence[EntryRow]:
        """All, or a page, by ODS code."""
        query = select(EntryRow).where(EntryRow.organisation == self._organisation)
        if after is not None:
            query = query.where(EntryRow.ods_code > after)
        return (await self._session.scalars(query.order_by(EntryRow.ods_code).limit(limit))).all()

    async def roots(self) -> Sequence[RootRow]:
        """Every root, the first one first."""
        query = select(RootRow).where(RootRow.organisation == self._organisation)
        return (await self._session.scalars(query.order_by(RootRow.version))).all()

    async def publication(self, *, lock: bool = False) -> PublicationRow | None:
        """What was signed last; whoever locks it is the only one who signs."""
        query = select(PublicationRow).where(PublicationRow.organisation == self._organisation)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()
