"""Sign-in accounts, sessions, and tries to sign in."""

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    _accounts()
    _sessions()
    _tries()
    _grants()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
        schema="portal",
    )


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("signed_in_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
        sa.ForeignKeyConstraint(
            ["account"], ["portal.account.id"], name="fk_session_account", ondelete="CASCADE"
        ),
        schema="portal",
    )
    op.create_index("ix_session_account", "session", ["account"], schema="portal")


def _tries() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
        schema="portal",
    )
    op.create_index("ix_sign_in_try_address", "sign_in_try", ["address", "at"], schema="portal")


def _grants() -> None:
    connection = op.get_bind()
    role = connection.engine.dialect.identifier_preparer.quote(context.config.attributes["portal_role"])
    for what in (
        "USAGE ON SCHEMA portal",
        "SELECT, INSERT, UPDATE, DELETE ON portal.account, portal.session, portal.sign_in_try",
        "SELECT ON portal.alembic_version",
        "USAGE, SELECT ON ALL SEQUENCES IN SCHEMA portal",
    ):
        op.execute(f"GRANT {what} TO {role}")
