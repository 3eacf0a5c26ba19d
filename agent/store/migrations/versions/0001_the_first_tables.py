"""The first tables: what each organisation's rows are, and that nobody else's are seen."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

TABLES = {
    "audit": ("chain_heads", "entries"),
    "organisation": ("used_assertions", "idempotency_keys"),
    "esr": ("searches",),
    "issuer": ("passports", "credentials"),
    "verifier": ("reviews", "presentation_requests"),
}


def upgrade() -> None:
    """Make one schema a plugin, its tables, and the agent's rights to them."""
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"])
    for schema in TABLES:
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    _audit()
    _organisation()
    _esr()
    _issuer()
    _verifier()
    for schema, tables in TABLES.items():
        for table in tables:
            _only_own_rows(f"{schema}.{table}")
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO {role}")
    # What was recorded stays as it was: the agent adds entries, and neither changes nor removes one.
    op.execute(f"REVOKE UPDATE, DELETE ON audit.entries FROM {role}")
    op.execute(f"REVOKE DELETE ON audit.chain_heads FROM {role}")
    op.execute(f"GRANT SELECT ON alembic_version TO {role}")


def _only_own_rows(table: str) -> None:
    """Row-level security, for the owner too: a unit of work sees and writes its own organisation's rows."""
    own = "organisation = current_setting('staff_passport.organisation', true)"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {table} USING ({own}) WITH CHECK ({own})")


def _audit() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
        schema="audit",
    )
    op.create_table(
        "entries",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(length=36), nullable=False),
        sa.Column("phase", sa.String(length=7), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("request", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "sequence"),
        schema="audit",
    )
    op.create_index("entries_by_intent", "entries", ["organisation", "intent"], unique=False, schema="audit")


def _organisation() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "actor", "key"),
        schema="organisation",
    )
    op.create_table(
        "used_assertions",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="organisation",
    )
    op.create_index(
        "used_assertions_by_expiry",
        "used_assertions",
        ["organisation", "expires_at"],
        unique=False,
        schema="organisation",
    )


def _esr() -> None:
    op.create_table(
        "searches",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("searcher", sa.String(length=120), nullable=False),
        sa.Column("employee_number", sa.String(length=8), nullable=False),
        sa.Column("strength", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="esr",
    )
    op.create_index(
        "searches_by_expiry", "searches", ["organisation", "expires_at"], unique=False, schema="esr"
    )


def _issuer() -> None:
    op.create_table(
        "credentials",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("passport", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=True),
        sa.Column("offered_by", sa.String(length=120), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_registry", sa.String(length=300), nullable=True),
        sa.Column("status_index", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id"),
        sa.UniqueConstraint("status_registry", "status_index", name="status_entry_used_once"),
        schema="issuer",
    )
    op.create_index(
        "credentials_by_state",
        "credentials",
        ["organisation", "state", "changed_at"],
        unique=False,
        schema="issuer",
    )
    op.create_index(
        "credentials_of_passport", "credentials", ["organisation", "passport"], unique=False, schema="issuer"
    )
    op.create_index(
        "one_live_credential",
        "credentials",
        ["organisation", "passport", "type"],
        unique=True,
        schema="issuer",
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn', 'failed', 'revoked')"),
    )
    op.create_table(
        "passports",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("holder_name", sa.String(length=200), nullable=False),
        sa.Column("employee_number", sa.String(length=8), nullable=False),
        sa.Column("assignment_number", sa.String(length=11), nullable=False),
        sa.Column("connection", sa.String(length=36), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitation_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("one_time_code", sa.String(length=64), nullable=True),
        sa.Column("one_time_code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("confirmation", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_for", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="issuer",
    )
    op.create_index(
        "one_open_passport",
        "passports",
        ["organisation", "assignment_number"],
        unique=True,
        schema="issuer",
        postgresql_where=sa.text("state NOT IN ('closed', 'deactivated')"),
    )
    op.create_index(
        "passports_by_age", "passports", ["organisation", "created_at", "id"], unique=False, schema="issuer"
    )
    op.create_index(
        "passports_by_connection", "passports", ["organisation", "connection"], unique=True, schema="issuer"
    )
    op.create_index(
        "passports_by_state",
        "passports",
        ["organisation", "state", "created_at", "id"],
        unique=False,
        schema="issuer",
    )


def _verifier() -> None:
    op.create_table(
        "presentation_requests",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("review", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="verifier",
    )
    op.create_index(
        "requests_by_state",
        "presentation_requests",
        ["organisation", "state", "requested_at"],
        unique=False,
        schema="verifier",
    )
    op.create_index(
        "requests_of_review",
        "presentation_requests",
        ["organisation", "review", "requested_at"],
        unique=False,
        schema="verifier",
    )
    op.create_table(
        "reviews",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=36), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitation_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id"),
        schema="verifier",
    )
    op.create_index(
        "reviews_by_age", "reviews", ["organisation", "created_at", "id"], unique=False, schema="verifier"
    )
    op.create_index(
        "reviews_by_connection", "reviews", ["organisation", "connection"], unique=True, schema="verifier"
    )
    op.create_index(
        "reviews_by_state",
        "reviews",
        ["organisation", "state", "created_at", "id"],
        unique=False,
        schema="verifier",
    )
