"""Requests of people for what is held of them, as the store keeps them."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.tables import Instant, OfOrganisation, Table


class SubjectRequestRow(OfOrganisation, Table):
    """That somebody asked, through whom; of whom it was is forgotten when their data are erased."""

    __tablename__ = "subject_requests"
    __table_args__ = (
        Index("subject_requests_by_age", "organisation", "made_at", "id"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    employee_number: Mapped[str | None] = mapped_column(String(8))
    review: Mapped[str | None] = mapped_column(String(36))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(Instant)
