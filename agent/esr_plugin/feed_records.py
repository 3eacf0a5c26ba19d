"""What is kept of outbound files: imports, how far they got, staff as credentials carry them, and changes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Index, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.tables import Instant, OfOrganisation, Table


class ImportRow(OfOrganisation, Table):
    """One file that was looked at: what came of it, and which of its lines could not be taken."""

    __tablename__ = "imports"
    __table_args__ = (
        Index("imports_by_age", "organisation", "started_at", "id"),
        Index("imports_by_file", "organisation", "file_name"),
        Index("imports_by_digest", "organisation", "digest"),
        {"schema": "esr"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    modified_ns: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str | None] = mapped_column(String(1))
    sequence: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(60))
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rejected: Mapped[list[list[Any]]] = mapped_column(JSONB)  # line, column or null, reason
    rejected_count: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class FeedRow(OfOrganisation, Table):
    """How far an organisation is: the last file's number, the day it stands at, and its last change."""

    __tablename__ = "feeds"
    __table_args__ = ({"schema": "esr"},)

    sequence: Mapped[int | None] = mapped_column(Integer)
    day: Mapped[date | None] = mapped_column(Date)
    last_position: Mapped[int] = mapped_column(BigInteger)
    produced_at: Mapped[datetime | None] = mapped_column(DateTime)  # as the last file says, without a zone


class SliceRow(OfOrganisation, Table):
    """A record of ESR from one day on: what credentials carry of it, and a keyed hash of its line.

    Another index would cost each import more than it saves: who looks by anything else looks seldom.
    """

    __tablename__ = "slices"
    __table_args__ = (
        Index("slices_of_person", "organisation", "person", "kind"),
        {"schema": "esr"},
    )

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    record: Mapped[str] = mapped_column(String(40), primary_key=True)
    starts: Mapped[date] = mapped_column(Date, primary_key=True)
    ends: Mapped[date | None] = mapped_column(Date)
    person: Mapped[str | None] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(String(11))
    position: Mapped[str | None] = mapped_column(String(40))
    department: Mapped[str | None] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    turns: Mapped[list[date] | None] = mapped_column(ARRAY(Date))
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class ChangeRow(OfOrganisation, Table):
    """One change, in the order in which the organisation's changes are told."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("changes_of_person", "organisation", "employee_number"),
        Index("changes_by_age", "organisation", "told_at"),
        {"schema": "esr"},
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    import_id: Mapped[str | None] = mapped_column("import", String(36))
    kind: Mapped[str] = mapped_column(String(24))
    employee_number: Mapped[str] = mapped_column(String(8))
    assignment_number: Mapped[str | None] = mapped_column(String(11))
    check: Mapped[str | None] = mapped_column(String(50))
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    day: Mapped[date] = mapped_column(Date)
    told_at: Mapped[datetime] = mapped_column(Instant)


class CursorRow(OfOrganisation, Table):
    """Up to which change a consumer has done what was to be done."""

    __tablename__ = "cursors"
    __table_args__ = ({"schema": "esr"},)

    consumer: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[datetime] = mapped_column(Instant)
