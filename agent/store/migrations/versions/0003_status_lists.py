"""Where strangers read a credential's status, and whose wallet a passport's credentials are bound to."""

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"


def upgrade() -> None:
    """Give every credential a place in a list, those that there are already too."""
    op.add_column("passports", sa.Column("subject_did", sa.String(length=120)), schema="issuer")
    op.add_column("credentials", sa.Column("list_number", sa.Integer()), schema="issuer")
    op.add_column("credentials", sa.Column("list_index", sa.Integer()), schema="issuer")
    op.add_column(
        "credentials",
        sa.Column("suspended", sa.Boolean(), nullable=False, server_default=sa.false()),
        schema="issuer",
    )
    op.alter_column("credentials", "suspended", server_default=None, schema="issuer")
    _place_those_there_are()
    for column in ("list_number", "list_index"):
        op.alter_column("credentials", column, nullable=False, schema="issuer")
    op.create_unique_constraint(
        "status_list_position_used_once",
        "credentials",
        ["organisation", "list_number", "list_index"],
        schema="issuer",
    )
    op.create_index(
        "credentials_with_a_bit",
        "credentials",
        ["organisation", "list_number"],
        schema="issuer",
        postgresql_where=sa.text("suspended OR state IN ('revoking', 'revoked')"),
    )
    _status_lists()


def _place_those_there_are() -> None:
    """Nobody can look there: an AnonCreds credential without the attribute does not say where its bit is."""
    op.execute("ALTER TABLE issuer.credentials NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE issuer.credentials AS placed SET list_number = 1 + place / 65536, list_index = place % 65536"
        " FROM (SELECT organisation, id, (row_number() OVER (PARTITION BY organisation ORDER BY id) - 1)::int"
        " AS place FROM issuer.credentials) AS numbered"
        " WHERE placed.organisation = numbered.organisation AND placed.id = numbered.id"
    )
    op.execute("ALTER TABLE issuer.credentials FORCE ROW LEVEL SECURITY")


def _status_lists() -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"])
    op.create_table(
        "status_lists",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "purpose", "number"),
        schema="issuer",
    )
    op.create_index("status_lists_by_end", "status_lists", ["organisation", "valid_until"], schema="issuer")
    op.execute("ALTER TABLE issuer.status_lists ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE issuer.status_lists FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON issuer.status_lists USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON issuer.status_lists TO {role}")
