"""Weak matches, registrations and applications are watched as passports are."""

from alembic import op

revision = "0016"
down_revision = "0015"

_WATCHED = {
    "esr.searches": ("weak_match", "id", "WHEN (NEW.strength = 'weak')"),
    "organisation.registrations": ("registration", "organisation", ""),
    "operator.applications": ("application", "id", ""),
}
"""By table: what is said to have changed, which of its columns names it, and of which rows it is said."""


def upgrade() -> None:
    """Have a change written whenever a row of a watched table is."""
    for table, (kind, column, which) in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER tell_of_change AFTER INSERT OR UPDATE ON {table} FOR EACH ROW {which}"
            f" EXECUTE FUNCTION organisation.tell_of_change('{kind}', '{column}')"
        )
