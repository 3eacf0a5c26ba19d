"""What changed, for whoever watches: written by the database, whoever writes the row that changes."""

import sqlalchemy as sa
from alembic import context, op

revision = "0012"
down_revision = "0011"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"
_TABLE = "organisation.changes"
_WATCHED = {
    "issuer.passports": ("passport", "id"),
    "issuer.credentials": ("passport", "passport"),
    "verifier.reviews": ("review", "id"),
    "verifier.presentation_requests": ("review", "review"),
    "organisation.tasks": ("task", "id"),
}
"""By table: what is said to have changed, and which of its columns names it."""


def upgrade() -> None:
    """Make the table, and have it written whenever a row of a watched one is."""
    op.create_table(
        "changes",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "number"),
        schema="organisation",
    )
    op.create_index(
        "changes_in_order", "changes", ["organisation", "transaction", "number"], schema="organisation"
    )
    op.create_index("changes_by_age", "changes", ["organisation", "at"], schema="organisation")
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {_TABLE} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {_TABLE} TO {_role()}")
    op.execute(_FUNCTION)
    for table, (kind, column) in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER tell_of_change AFTER INSERT OR UPDATE ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION organisation.tell_of_change('{kind}', '{column}')"
        )


_FUNCTION = """
CREATE FUNCTION organisation.tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organisation.changes (organisation, kind, subject)
    VALUES (NEW.organisation, TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1]);
    RETURN NULL;
END
$$
"""


def _role() -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"]))
