"""All that a database of ours has of one organisation, for tests of what must not be there."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

_TABLES = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
)


def every_row(owner_url: str, organisation: str) -> Iterator[tuple[str, str]]:
    """Every row of every table that the organisation may see: the table, and the row as text."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [organisation])
        for table in connection.execute(_TABLES).fetchall():
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(*table))
            for (row,) in connection.execute(query):
                yield ".".join(table), row
