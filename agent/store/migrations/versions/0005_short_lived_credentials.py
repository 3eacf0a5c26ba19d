"""Credentials that end by themselves, for wallets that take no status."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ENDED = "state NOT IN ('rejected', 'withdrawn', 'failed', 'revoked')"
_OF_ONE_TYPE = ["organisation", "passport", "type"]


def upgrade() -> None:
    """One live credential a type, as before, and beside it short-lived ones, at most one of them awaited."""
    op.add_column("credentials", sa.Column("expires_at", sa.DateTime(timezone=True)), schema="issuer")
    for column in ("list_number", "list_index"):
        op.alter_column("credentials", column, nullable=True, schema="issuer")
    op.drop_index("one_live_credential", "credentials", schema="issuer")
    _unique("one_live_credential", f"expires_at IS NULL AND {_ENDED}")
    _unique(
        "one_awaited_short_lived", "expires_at IS NOT NULL AND state IN ('offering', 'pending', 'issuing')"
    )
    op.create_index(
        "short_lived_by_end",
        "credentials",
        ["organisation", "expires_at"],
        schema="issuer",
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_check_constraint(
        "a_status_or_an_end",
        "credentials",
        "(expires_at IS NULL) = (list_number IS NOT NULL AND list_index IS NOT NULL)",
        schema="issuer",
    )


def _unique(name: str, where: str) -> None:
    op.create_index(
        name, "credentials", _OF_ONE_TYPE, unique=True, schema="issuer", postgresql_where=sa.text(where)
    )
