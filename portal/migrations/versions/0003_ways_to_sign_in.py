"""An account is a person; how they sign in stands beside it: here, with passkeys, or at a provider."""

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
MOVED = ("password_hash", "totp_secret", "totp_step", "recovery_codes", "wrong_tries", "locked_until")
UNTIL_NOW = "urn:staff-passport:acr:password-and-second-factor"


def upgrade() -> None:
    """Go forward."""
    _local_sign_in()
    _passkeys()
    _subjects()
    _attempts()
    _proofs_of_sessions()
    _grants()


def _of_account(target: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], [target], name=f"fk_{table}_account", ondelete="CASCADE")


def _local_sign_in() -> None:
    op.create_table(
        "local_sign_in",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("account", name="pk_local_sign_in"),
        _of_account("portal.account.id", "local_sign_in"),
        schema="portal",
    )
    columns = ", ".join(MOVED)
    op.execute(
        f"INSERT INTO portal.local_sign_in (account, {columns}) SELECT id, {columns} FROM portal.account"  # noqa: S608  # our own names
    )
    for column in MOVED:
        op.drop_column("account", column, schema="portal")


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        _of_account("portal.local_sign_in.account", "passkey"),
        schema="portal",
    )
    op.create_index("ix_passkey_account", "passkey", ["account"], schema="portal")


def _subjects() -> None:
    op.create_table(
        "provider_subject",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "issuer", name="pk_provider_subject"),
        _of_account("portal.account.id", "provider_subject"),
        schema="portal",
    )


def _attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_attempt"),
        schema="portal",
    )
    op.create_index("ix_attempt_ends_at", "attempt", ["ends_at"], schema="portal")


def _proofs_of_sessions() -> None:
    op.add_column("session", sa.Column("assurance", sa.Text(), nullable=True), schema="portal")
    op.add_column("session", sa.Column("proven_at", INSTANT, nullable=True), schema="portal")
    op.add_column("session", sa.Column("provider", sa.Text(), nullable=True), schema="portal")
    # Until now there was one way in.
    op.execute(f"UPDATE portal.session SET assurance = '{UNTIL_NOW}', proven_at = signed_in_at")  # noqa: S608  # our own word
    op.alter_column("session", "assurance", nullable=False, schema="portal")
    op.alter_column("session", "proven_at", nullable=False, schema="portal")


def _grants() -> None:
    connection = op.get_bind()
    role = connection.engine.dialect.identifier_preparer.quote(context.config.attributes["portal_role"])
    tables = ("local_sign_in", "passkey", "provider_subject", "attempt")
    for table in tables:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON portal.{table} TO {role}")
