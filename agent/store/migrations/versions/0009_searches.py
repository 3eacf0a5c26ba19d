"""Searches that a second person decides, and how often anybody searches."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"


def upgrade() -> None:
    """Make the tables. Searches live for half an hour: those that are remembered now are forgotten."""
    _searches()
    _table(
        "esr.search_attempts",
        _text("id", 36),
        _text("searcher", 120),
        _text("kind", 8),
        _at("at"),
        sa.Column("missed", sa.Boolean(), nullable=False),
        keys=("id",),
    )
    _index("attempts_by_time", "esr.search_attempts", "kind", "at")
    _index("misses_by_time", "esr.search_attempts", "searcher", "at", where="missed")
    _table(
        "esr.search_alerts",
        _text("id", 36),
        _text("searcher", 120),
        _text("searcher_person", 36, optional=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        _at("at"),
        _text("acknowledged_by", 120, optional=True),
        _at("acknowledged_at", optional=True),
        keys=("id",),
    )
    _index("alerts_by_age", "esr.search_alerts", "at", "id")


def _searches() -> None:
    op.execute("TRUNCATE esr.searches")
    json = postgresql.JSONB()
    for column in (
        _text("searcher_person", 36, optional=True),
        _text("searcher_number", 8, optional=True),
        _text("state", 24),
        sa.Column("fields", json, nullable=False),
        sa.Column("keyed", json, nullable=True),
        _text("decided_by", 120, optional=True),
        _at("decided_at", optional=True),
    ):
        op.add_column("searches", column, schema="esr")
    _index("searches_by_state", "esr.searches", "state", "at", "id")


def _text(name: str, length: int, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _table(name: str, *columns: sa.Column[Any], keys: tuple[str, ...]) -> None:
    """A table in which an organisation sees and writes its own rows."""
    schema, table = name.split(".")
    organisation = sa.Column("organisation", sa.String(length=6), nullable=False)
    op.create_table(
        table, organisation, *columns, sa.PrimaryKeyConstraint("organisation", *keys), schema=schema
    )
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {name} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {_role('agent_role')}")


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    schema, bare = table.split(".")
    condition = None if where is None else sa.text(where)
    op.create_index(name, bare, ["organisation", *columns], schema=schema, postgresql_where=condition)


def _role(attribute: str) -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes[attribute]))
