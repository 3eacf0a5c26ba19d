"""Requests of people for what is held of them, as the store keeps them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, String, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.ports.personal_data import DataSubject
from agent.store.tables import Instant, OfOrganisation, Table

WHOM = ("employee_number", "review", "person", "email")
"""The ways to say of whom a request is."""


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
    person: Mapped[str | None] = mapped_column(String(36))
    email: Mapped[str | None] = mapped_column(String(254))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(Instant)


def made_for(subject: DataSubject) -> ColumnElement[bool]:
    """The requests that are about this person."""
    row = SubjectRequestRow
    named = {name: getattr(subject, name) for name in WHOM}
    return or_(false(), *(getattr(row, name) == value for name, value in named.items() if value is not None))
