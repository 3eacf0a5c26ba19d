"""What is kept of ESR's outbound files, and the changes that come of them."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"
_CHANGED = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    """Make the tables, and let the agent's role make temporary ones, through which files come in."""
    _imports()
    _slices()
    _changes()
    op.execute(
        "DO $$ BEGIN IF NOT has_database_privilege("
        f"'{context.config.attributes['agent_role']}', current_database(), 'TEMPORARY') THEN"
        f" EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(),"
        f" '{context.config.attributes['agent_role']}'); END IF; END $$"
    )


def _imports() -> None:
    _table(
        "esr.imports",
        _text("id", 36),
        _text("file_name", 255),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        _text("digest", 64, optional=True),
        _text("kind", 1, optional=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        _text("state", 10),
        _text("code", 60, optional=True),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("rejected", postgresql.JSONB(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        _at("started_at"),
        _at("ended_at", optional=True),
        keys=("id",),
    )
    _index("imports_by_age", "esr.imports", "started_at", "id")
    _index("imports_by_file", "esr.imports", "file_name")
    _index("imports_by_digest", "esr.imports", "digest")
    _table(
        "esr.feeds",
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("produced_at", sa.DateTime(), nullable=True),
        keys=(),
    )


def _slices() -> None:
    _table(
        "esr.slices",
        _text("kind", 12),
        _text("record", 40),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        _text("person", 40, optional=True),
        _text("number", 11, optional=True),
        _text("position", 40, optional=True),
        _text("department", 40, optional=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("turns", postgresql.ARRAY(sa.Date()), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        keys=("kind", "record", "starts"),
    )
    _index("slices_of_person", "esr.slices", "person", "kind")


def _changes() -> None:
    _table(
        "esr.changes",
        sa.Column("position", sa.BigInteger(), nullable=False),
        _text("import", 36, optional=True),
        _text("kind", 24),
        _text("employee_number", 8),
        _text("assignment_number", 11, optional=True),
        _text("check", 50, optional=True),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _at("told_at"),
        keys=("position",),
    )
    _index("changes_of_person", "esr.changes", "employee_number")
    _index("changes_by_age", "esr.changes", "told_at")
    _table(
        "esr.cursors",
        _text("consumer", 60),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _at("moved_at"),
        keys=("consumer",),
    )


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
    op.execute(f"GRANT {_CHANGED} ON {name} TO {_role()}")


def _index(name: str, table: str, *columns: str) -> None:
    schema, bare = table.split(".")
    op.create_index(name, bare, ["organisation", *columns], schema=schema)


def _role() -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"]))
