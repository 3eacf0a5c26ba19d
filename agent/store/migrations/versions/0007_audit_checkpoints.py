"""The Merkle tree over each audit chain, and its signed checkpoints."""

import sqlalchemy as sa
from alembic import context, op

revision = "0007"
down_revision = "0006"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"


def upgrade() -> None:
    """Make both tables. The tree of the entries that there are grows with the first checkpoint."""
    _only_added_to(
        "tree_nodes",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        keys=("level", "index"),
    )
    _only_added_to(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=4096), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        keys=("size",),
    )


def _only_added_to(table: str, *columns: sa.Column[object], keys: tuple[str, ...]) -> None:
    """A table of the audit: the agent may add rows and read its organisation's, and no more."""
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"])
    organisation = sa.Column("organisation", sa.String(length=6), nullable=False)
    key = sa.PrimaryKeyConstraint("organisation", *keys)
    op.create_table(table, organisation, *columns, key, schema="audit")
    op.execute(f"ALTER TABLE audit.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE audit.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON audit.{table} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT ON audit.{table} TO {role}")
