"""What passports are found by, and whose a task is."""

import sqlalchemy as sa
from alembic import context, op

from agent.domain.names import parts

revision = "0013"
down_revision = "0012"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"
_NAMES = "issuer.passport_names"
_LONGEST_WORD = 100


def upgrade() -> None:
    """Find the passports there are by their names; of what assignment they are was not kept."""
    _kinds()
    _find_those_there_are(_names())
    _assignees()


def _kinds() -> None:
    for column in ("staff_group", "employment_type"):
        op.add_column("passports", sa.Column(column, sa.String(length=100), nullable=True), schema="issuer")
        columns = ["organisation", column, "created_at", "id"]
        op.create_index(f"passports_by_{column}", "passports", columns, schema="issuer")


def _names() -> sa.Table:
    table = op.create_table(
        "passport_names",
        sa.Column("organisation", sa.String(length=6), nullable=False),
        sa.Column("word", sa.String(length=_LONGEST_WORD, collation="C"), nullable=False),
        sa.Column("passport", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "word", "passport"),
        schema="issuer",
    )
    op.create_index(
        "passport_names_of_passport", "passport_names", ["organisation", "passport"], schema="issuer"
    )
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {_NAMES} TO {_role()}")
    return table


def _find_those_there_are(names: sa.Table) -> None:
    """Before the owner is bound by row-level security here, and while it is not there."""
    connection = op.get_bind()
    op.execute("ALTER TABLE issuer.passports NO FORCE ROW LEVEL SECURITY")
    named = sa.text("SELECT organisation, id, holder_name FROM issuer.passports WHERE erased_at IS NULL")
    words = [
        {"organisation": organisation, "word": word, "passport": passport}
        for organisation, passport, name in connection.execute(named)
        for word in dict.fromkeys(part[:_LONGEST_WORD] for part in parts(name))
    ]
    op.bulk_insert(names, words)
    op.execute("ALTER TABLE issuer.passports FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_NAMES} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_NAMES} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {_NAMES} USING ({_OWN}) WITH CHECK ({_OWN})")


def _assignees() -> None:
    assignee = sa.Column("assignee", sa.String(length=120), nullable=True)
    op.add_column("tasks", assignee, schema="organisation")
    columns = ["organisation", "assignee", "state", "opened_at", "id"]
    op.create_index("tasks_of_assignee", "tasks", columns, schema="organisation")


def _role() -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["agent_role"]))
