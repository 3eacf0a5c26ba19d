"""What must be shown years later as it was: kept beside the audit, added to and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.clock import Clock, utc_now
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table


class EvidenceRow(OfOrganisation, Table):
    """One thing that was said. The application may add rows, and neither change nor remove one."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("evidence_of_subject", "organisation", "subject", "kept_at"),
        {"schema": "audit"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(36))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_at: Mapped[datetime] = mapped_column(Instant)


class Evidence:
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation
        self._clock = clock

    async def keep(self, kind: str, subject: str, content: Mapping[str, Any]) -> None:
        """Keep it in the unit of work in hand."""
        async with self._store.joined(self._organisation) as session:
            session.add(
                EvidenceRow(
                    organisation=self._organisation,
                    id=str(uuid4()),
                    kind=kind,
                    subject=subject,
                    content=dict(content),
                    kept_at=self._clock(),
                )
            )

    async def of(self, subject: str) -> Sequence[EvidenceRow]:
        """All that is kept about something, oldest first."""
        row = EvidenceRow
        query = select(row).where(row.organisation == self._organisation, row.subject == subject)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query.order_by(row.kept_at, row.id))).all()
