"""The operator's trust list: who stands in it, its roots, and what was signed of it last."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"


def upgrade() -> None:
    """Make the tables. Only an operator's agent has anything in them."""
    op.execute("CREATE SCHEMA trust")
    op.execute(f"GRANT USAGE ON SCHEMA trust TO {_role()}")
    json = postgresql.JSONB()
    _table(
        "trust.entries",
        _text("ods_code", 6),
        sa.Column("said", json, nullable=False),
        sa.Column("published", json, nullable=True),
        _text("registered_by", 120),
        _at("registered_at"),
        _text("changed_by", 120),
        _at("changed_at"),
        _text("restore_asked_by", 120, optional=True),
        _text("restore_asked_by_person", 36, optional=True),
        _at("restore_asked_at", optional=True),
        keys=("ods_code",),
    )
    _table(
        "trust.roots",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _text("submitted_by", 120),
        _at("submitted_at"),
        keys=("version",),
    )
    _table(
        "trust.publications",
        sa.Column("keys", json, nullable=False),
        sa.Column("next_keys", json, nullable=True),
        *(sa.Column(f"{role}_version", sa.Integer(), nullable=False) for role in _ROLES),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("listing", *_ROLES)),
        _at("signed_at", optional=True),
        _at("published_at", optional=True),
        keys=(),
    )


_ROLES = ("targets", "snapshot", "timestamp")


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
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {_role()}")


def _role() -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"]))
