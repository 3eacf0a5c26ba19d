"""What a person at the host decided on a verdict: why, who and when."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_TABLE = "presentation_requests"
_WHOLE = (
    "num_nulls(decision, decision_reason, decision_by, decision_at) IN (0, 4)"
    " AND (decision IS NULL OR decided_at IS NOT NULL)"
    " AND (decision <> 'accepted' OR state = 'accepted')"
)


def upgrade() -> None:
    """A decision is whole or not there, and there is none before a verdict or against it."""
    for column in (
        sa.Column("decision", sa.String(length=8)),
        sa.Column("decision_reason", sa.String(length=500)),
        sa.Column("decision_by", sa.String(length=120)),
        sa.Column("decision_at", sa.DateTime(timezone=True)),
    ):
        op.add_column(_TABLE, column, schema="verifier")
    op.create_check_constraint("decision_follows_verdict", _TABLE, _WHOLE, schema="verifier")
