"""What was typed and could not be sent."""

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "draft",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_draft"),
        sa.ForeignKeyConstraint(
            ["account"], ["portal.account.id"], name="fk_draft_account", ondelete="CASCADE"
        ),
        schema="portal",
    )
    op.create_index("ix_draft_account", "draft", ["account"], schema="portal")
    op.create_index("ix_draft_at", "draft", ["at"], schema="portal")
    connection = op.get_bind()
    role = connection.engine.dialect.identifier_preparer.quote(context.config.attributes["portal_role"])
    op.execute(f"GRANT SELECT, INSERT, DELETE ON portal.draft TO {role}")
