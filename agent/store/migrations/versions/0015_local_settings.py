"""What an organisation chose for itself, and who changed it last."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"
_TABLE = "organisation.local_settings"


def upgrade() -> None:
    """Nobody has chosen anything: a value that is null is as the agent's settings say."""
    op.create_table(
        "local_settings",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("passport_invitation_days", sa.SmallInteger(), nullable=True),
        sa.Column("review_invitation_days", sa.SmallInteger(), nullable=True),
        sa.Column("usual_types", postgresql.ARRAY(sa.String(length=40)), nullable=True),
        sa.Column("usual_wait_hours", sa.SmallInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
        schema="organisation",
    )
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {_TABLE} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_TABLE} TO {_role()}")


def _role() -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"]))
