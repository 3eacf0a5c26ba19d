"""How often an offer or a credential was sent again, for want of an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Count from nought, for what is on its way already too."""
    op.add_column(
        "credentials",
        sa.Column("sent_again", sa.Integer(), nullable=False, server_default="0"),
        schema="issuer",
    )
    op.alter_column("credentials", "sent_again", server_default=None, schema="issuer")
