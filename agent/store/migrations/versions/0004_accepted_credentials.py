"""What hosts rely on, to be asked about again, and the alerts that come of it."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"


def upgrade() -> None:
    """Begin with what is accepted from now on."""
    op.create_table(
        "accepted_credentials",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("review", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("request", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("status", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relied_on_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "review", "type"),
        schema="verifier",
    )
    _index("accepted_of_request", "accepted_credentials", "request")
    _index("accepted_to_ask_about", "accepted_credentials", "checked_at", where="standing <> 'revoked'")
    _index("accepted_by_end", "accepted_credentials", "relied_on_until")
    op.create_table(
        "alerts",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("review", sa.String(length=36), nullable=False),
        sa.Column("request", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=120), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="verifier",
    )
    _index("alerts_by_age", "alerts", "raised_at", "id")
    _index("alerts_of_review", "alerts", "review", "raised_at", "id")
    _index("unseen_alerts", "alerts", "raised_at", "id", where="acknowledged_by IS NULL")
    for table in ("accepted_credentials", "alerts"):
        _guard(table)


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, ["organisation", *columns], schema="verifier", postgresql_where=condition)


def _guard(table: str) -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"])
    op.execute(f"ALTER TABLE verifier.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE verifier.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON verifier.{table} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON verifier.{table} TO {role}")
