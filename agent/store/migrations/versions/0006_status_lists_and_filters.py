"""What a status list is still to say, and an index behind every filter of a list."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Have every status list published anew: nobody counted before what it says."""
    _count("changes", from_="0")
    _count("published", from_="-1")
    _issuer()
    _verifier()
    _audit()
    _organisation()


def _count(column: str, *, from_: str) -> None:
    counted = sa.Column(column, sa.BigInteger(), nullable=False, server_default=from_)
    op.add_column("status_lists", counted, schema="issuer")
    op.alter_column("status_lists", column, server_default=None, schema="issuer")


def _issuer() -> None:
    op.drop_index("credentials_of_passport", "credentials", schema="issuer")
    _index("issuer", "credentials", "credentials_of_passport", "passport", "offered_at", "id")
    for name in ("state", "type"):
        index = f"credentials_of_passport_by_{name}"
        _index("issuer", "credentials", index, "passport", name, "offered_at", "id")


def _verifier() -> None:
    table = "presentation_requests"
    op.drop_index("requests_of_review", table, schema="verifier")
    _index("verifier", table, "requests_of_review", "review", "requested_at", "id")
    _index("verifier", table, "requests_of_review_by_state", "review", "state", "requested_at", "id")


def _audit() -> None:
    for index, column in (("action", "action"), ("actor", "actor"), ("time", "at")):
        _index("audit", "entries", f"entries_by_{index}", column, "sequence")


def _organisation() -> None:
    """Those that are forgotten: the old ones, and those whose call never ended."""
    table = "idempotency_keys"
    _index("organisation", table, "idempotency_keys_by_age", "at")
    _index("organisation", table, "unanswered_idempotency_keys", "at", where="answer IS NULL")


def _index(schema: str, table: str, name: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, ["organisation", *columns], schema=schema, postgresql_where=condition)
