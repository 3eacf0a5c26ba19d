"""A database that was in use is brought to the newest schema, and what stood in it counts as it did."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import EmbeddedPostgres

CREATED = datetime(2026, 9, 1, 9, tzinfo=UTC)
OWN = "ZZNM1"


def insert(database: psycopg.Connection, table: str, **values: object) -> None:
    statement = sql.SQL("INSERT INTO issuer.{} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    database.execute(statement, list(values.values()))


def test_passports_that_ended_before_are_kept_from_their_last_change_on(postgres: EmbeddedPostgres) -> None:
    made = postgres.provide("earlier")
    upgrade(made.migration_url, agent_url=made.url, revision="0007")
    with psycopg.connect(made.migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [OWN])
        for name, state in (("ended", "deactivated"), ("unused", "closed"), ("open", "active")):
            insert(
                connection,
                "passports",
                organisation=OWN,
                id=name,
                state=state,
                holder_name="Amara Fennwick",
                employee_number="90100010",
                assignment_number="90100010",
                connection=f"connection-{name}",
                created_by="ottilie",
                created_at=CREATED,
                invitation_expires_at=CREATED,
                wrong_codes=0,
            )
        for number, days in ((1, 3), (2, 30)):
            insert(
                connection,
                "credentials",
                organisation=OWN,
                id=f"credential-{number}",
                passport="ended",
                type="identity",
                state="revoked",
                offered_by="ottilie",
                sent_again=0,
                suspended=False,
                list_number=1,
                list_index=number,
                offered_at=CREATED,
                changed_at=CREATED + timedelta(days=days),
            )

    upgrade(made.migration_url, agent_url=made.url)

    with psycopg.connect(made.migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [OWN])
        rows = connection.execute("SELECT id, ended_at FROM issuer.passports").fetchall()
        forced = connection.execute(
            "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE oid IN"
            " ('issuer.passports'::regclass, 'issuer.credentials'::regclass)"
        ).fetchone()

    assert dict(rows) == {"ended": CREATED + timedelta(days=30), "unused": CREATED, "open": None}
    assert forced == (True,)
