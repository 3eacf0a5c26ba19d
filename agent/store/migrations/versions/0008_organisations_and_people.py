"""Who an organisation is, who acts for it, what it has to do, and the queue of what is done by and by."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

_OWN = "organisation = current_setting('staff_passport.organisation', true)"
_CHANGED, _ADDED = "SELECT, INSERT, UPDATE, DELETE", "SELECT, INSERT"


def upgrade() -> None:
    """Make the tables. Whoever acted by the list of nominated users is entered anew, by name."""
    _people()
    _terms()
    _registration()
    _notifications()
    _duties()
    _operator()
    _issuer()
    _verifier()
    op.create_index("entries_by_subject", "entries", ["organisation", "subject", "sequence"], schema="audit")
    _queue()


def _people() -> None:
    _table(
        "organisation.people",
        _id(),
        _text("user", 120, optional=True),
        _text("was_user", 120, optional=True),
        _text("name", 200),
        _text("email", 254),
        sa.Column("roles", postgresql.ARRAY(sa.String(length=20)), nullable=False),
        _text("status", 10),
        _text("employee_number", 8, optional=True),
        _text("added_by", 120),
        _at("added_at"),
        _at("changed_at"),
        _at("first_signed_in_at", optional=True),
        _at("sessions_from", optional=True),
        keys=("id",),
    )
    _index("people_by_user", "organisation.people", "user", unique=True, where='"user" IS NOT NULL')
    _index("people_by_email", "organisation.people", "email", unique=True, where="status <> 'removed'")
    _index("people_by_name", "organisation.people", "name", "id")
    _index("people_by_status", "organisation.people", "status", "name", "id")
    _table(
        "organisation.invitations",
        _id(),
        _text("person", 36),
        _text("purpose", 12),
        _text("email", 254),
        _text("token", 64, optional=True),
        _text("made_by", 120),
        _at("made_at"),
        _at("expires_at"),
        _at("used_at", optional=True),
        keys=("id",),
    )
    _index(
        "invitations_by_token", "organisation.invitations", "token", unique=True, where="token IS NOT NULL"
    )
    _index("invitations_of_person", "organisation.invitations", "person", "purpose")


def _terms() -> None:
    _table(
        "organisation.terms_acceptances",
        _id(),
        _text("terms", 10),
        _text("version", 20),
        _text("digest", 64),
        _text("accepted_by", 120),
        _text("name", 200),
        _text("capacity", 20),
        _at("accepted_at"),
        keys=("id",),
        rights=_ADDED,
    )
    _index("acceptances_of_terms", "organisation.terms_acceptances", "terms", "accepted_at")


def _registration() -> None:
    _table(
        "organisation.registrations",
        _text("id", 36, optional=True),
        _text("state", 12),
        sa.Column("details", postgresql.JSONB(), nullable=True),
        _text("registrant", 36, optional=True),
        _text("capacity", 20, optional=True),
        sa.Column("nomination", postgresql.JSONB(), nullable=True),
        _at("email_proven_at", optional=True),
        _text("proven_email", 254, optional=True),
        _text("connection", 36, optional=True),
        _at("submitted_at", optional=True),
        _at("status_at", optional=True),
        sa.Column("status_version", sa.Integer(), nullable=False),
        sa.Column("status", postgresql.JSONB(), nullable=True),
        _text("reason", 500, optional=True),
        sa.Column("succession", postgresql.JSONB(), nullable=True),
        _text("activated_by", 120, optional=True),
        _at("activated_at", optional=True),
        sa.Column("trust_request", postgresql.JSONB(), nullable=True),
        _at("trust_requested_at", optional=True),
        _at("trust_request_taken_at", optional=True),
        keys=(),
    )


def _notifications() -> None:
    _table(
        "organisation.notifications",
        _id(),
        _text("kind", 20),
        _text("person", 36),
        _text("about", 36, optional=True),
        _at("asked_at"),
        _at("sent_at", optional=True),
        _at("given_up_at", optional=True),
        keys=("id",),
    )
    _index(
        "unsent_notifications",
        "organisation.notifications",
        "asked_at",
        where="sent_at IS NULL AND given_up_at IS NULL",
    )
    _index("notifications_of_person", "organisation.notifications", "person")


def _duties() -> None:
    _table(
        "organisation.tasks",
        _id(),
        _text("kind", 12),
        _text("passport", 36),
        _text("credential", 36, optional=True),
        _text("reason", 120),
        _text("comment", 200, optional=True),
        _text("state", 12),
        _at("opened_at"),
        _text("closed_by", 120, optional=True),
        _at("closed_at", optional=True),
        _text("note", 500, optional=True),
        keys=("id",),
    )
    _index("tasks_by_state", "organisation.tasks", "state", "opened_at", "id")
    _index("tasks_by_age", "organisation.tasks", "opened_at", "id")
    _index("tasks_of_passport", "organisation.tasks", "passport")
    _table(
        "organisation.subject_requests",
        _id(),
        _text("employee_number", 8, optional=True),
        _text("review", 36, optional=True),
        _text("person", 36, optional=True),
        _text("email", 254, optional=True),
        _text("made_by", 120),
        _at("made_at"),
        keys=("id",),
    )
    _index("subject_requests_by_age", "organisation.subject_requests", "made_at", "id")
    _table(
        "audit.evidence",
        _id(),
        _text("kind", 30),
        _text("subject", 36),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        _at("kept_at"),
        keys=("id",),
        rights=_ADDED,
    )
    _index("evidence_of_subject", "audit.evidence", "subject", "kept_at")
    _table(
        "audit.views",
        _text("thing", 36),
        _text("seen_by", 120),
        _at("hour"),
        keys=("thing", "seen_by", "hour"),
        rights="SELECT, INSERT, DELETE",
    )
    _index("views_by_hour", "audit.views", "hour")


def _operator() -> None:
    op.execute("CREATE SCHEMA operator")
    op.execute(f"GRANT USAGE ON SCHEMA operator TO {_role('agent_role')}")
    _table(
        "operator.applications",
        _id(),
        _text("ods_code", 6),
        _text("state", 12),
        _text("connection", 36),
        _text("invited_by", 120),
        _at("invited_at"),
        _at("invitation_expires_at"),
        sa.Column("application", postgresql.JSONB(), nullable=True),
        _at("received_at", optional=True),
        sa.Column("call_back", postgresql.JSONB(), nullable=True),
        sa.Column("status_version", sa.Integer(), nullable=False),
        sa.Column("status", postgresql.JSONB(), nullable=True),
        _text("decided_by", 120, optional=True),
        _at("decided_at", optional=True),
        _text("reason", 500, optional=True),
        sa.Column("succession", postgresql.JSONB(), nullable=True),
        _text("restore_asked_by", 120, optional=True),
        _text("restore_asked_by_person", 36, optional=True),
        _at("restore_asked_at", optional=True),
        sa.Column("trust_request", postgresql.JSONB(), nullable=True),
        _text("did", 300, optional=True),
        _at("trust_requested_at", optional=True),
        keys=("id",),
    )
    _index("applications_by_connection", "operator.applications", "connection", unique=True)
    _index("applications_by_age", "operator.applications", "invited_at", "id")
    _index("applications_by_state", "operator.applications", "state", "invited_at", "id")
    _index(
        "one_open_application",
        "operator.applications",
        "ods_code",
        unique=True,
        where="state <> 'closed'",
    )


def _verifier() -> None:
    op.add_column("reviews", _at("relied_on_until", optional=True), schema="verifier")
    with _seeing_every_row("verifier.reviews", "verifier.accepted_credentials"):
        op.execute(
            "UPDATE verifier.reviews SET relied_on_until = (SELECT max(relied_on_until)"
            " FROM verifier.accepted_credentials c"
            " WHERE c.organisation = reviews.organisation AND c.review = reviews.id)"
        )


def _issuer() -> None:
    op.add_column("passports", _at("ended_at", optional=True), schema="issuer")
    op.add_column("passports", _at("erased_at", optional=True), schema="issuer")
    with _seeing_every_row("issuer.passports", "issuer.credentials"):
        op.execute(
            "UPDATE issuer.passports SET ended_at = COALESCE((SELECT max(changed_at)"
            " FROM issuer.credentials c WHERE c.organisation = passports.organisation"
            " AND c.passport = passports.id), created_at) WHERE state IN ('closed', 'deactivated')"
        )
    _index("passports_of_person", "issuer.passports", "employee_number")
    _index("passports_ended", "issuer.passports", "ended_at", where="erased_at IS NULL")
    _table(
        "issuer.mass_revocations",
        _id(),
        sa.Column("passports", postgresql.ARRAY(sa.String(length=36)), nullable=False),
        _text("reason", 40),
        _text("state", 10),
        _text("asked_by", 120),
        _text("asked_by_person", 36, optional=True),
        _at("asked_at"),
        _text("decided_by", 120, optional=True),
        _at("decided_at", optional=True),
        keys=("id",),
    )
    _index("mass_revocations_by_age", "issuer.mass_revocations", "asked_at", "id")
    _index("mass_revocations_by_state", "issuer.mass_revocations", "state", "asked_at", "id")


def _queue() -> None:
    """Procrastinate's own tables. Its functions find one another wherever the caller looks for things."""
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path TO jobs")
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path TO DEFAULT")
    op.execute(
        "DO $$ DECLARE one regprocedure; BEGIN"
        " FOR one IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace LOOP"
        " EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_temp', one); END LOOP; END $$"
    )
    agent = _role("agent_role")
    op.execute(f"GRANT USAGE ON SCHEMA jobs TO {agent}")
    op.execute(f"GRANT INSERT, SELECT ON jobs.procrastinate_jobs TO {agent}")
    op.execute(f"GRANT INSERT ON jobs.procrastinate_events TO {agent}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO {agent}")


@contextmanager
def _seeing_every_row(*tables: str) -> Iterator[None]:
    """The owner is bound by row-level security, too, and would find no rows to change."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _id() -> sa.Column[str]:
    return _text("id", 36)


def _text(name: str, length: int, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _table(name: str, *columns: sa.Column[Any], keys: tuple[str, ...], rights: str = _CHANGED) -> None:
    """A table in which an organisation sees and writes its own rows."""
    schema, table = name.split(".")
    organisation = sa.Column("organisation", sa.String(length=6), nullable=False)
    op.create_table(
        table, organisation, *columns, sa.PrimaryKeyConstraint("organisation", *keys), schema=schema
    )
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_rows ON {name} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"GRANT {rights} ON {name} TO {_role('agent_role')}")


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
    schema, bare = table.split(".")
    condition = None if where is None else sa.text(where)
    op.create_index(
        name, bare, ["organisation", *columns], unique=unique, schema=schema, postgresql_where=condition
    )


def _role(attribute: str) -> str:
    return str(op.get_bind().dialect.identifier_preparer.quote(context.config.attributes[attribute]))
