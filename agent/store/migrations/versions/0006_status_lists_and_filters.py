"""What a status list is still to say."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Have every list published anew: nobody counted before what it says."""
    _count("changes", from_="0")
    _count("published", from_="-1")


def _count(column: str, *, from_: str) -> None:
    counted = sa.Column(column, sa.BigInteger(), nullable=False, server_default=from_)
    op.add_column("status_lists", counted, schema="issuer")
    op.alter_column("status_lists", column, server_default=None, schema="issuer")
