"""A database that was in use is brought to the newest schema, and what stood in it counts as it did."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import EmbeddedPostgres

THEN = datetime(2026, 9, 1, 9, tzinfo=UTC)
OWN = "ZZNM1"


class Earlier:
    """A database of the release before, to be filled."""

    def __init__(self, postgres: EmbeddedPostgres, name: str) -> None:
        self._databases = postgres.provide(name)
        self._to("0007")

    def _to(self, revision: str) -> None:
        upgrade(self._databases.migration_url, agent_url=self._databases.url, revision=revision)

    def has(self, table: str, **values: object) -> None:
        """One more row in a table."""
        columns = {"organisation": OWN, **values}
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        )
        with self._opened() as connection:
            connection.execute(statement, list(columns.values()))

    def after_upgrade(self, query: str) -> dict[str, object]:
        """What the rows say once the schema is the newest."""
        self._to("head")
        with self._opened() as connection:
            return dict(connection.execute(query.encode()).fetchall())

    def _opened(self) -> psycopg.Connection[tuple[str, object]]:
        connection = psycopg.connect(self._databases.migration_url)
        connection.execute("SELECT set_config('staff_passport.organisation', %s, false)", [OWN])
        return connection


@pytest.fixture
def earlier(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> Earlier:
    return Earlier(postgres, f"earlier_{abs(hash(request.node.name)) % 10**8}")


def a_passport(earlier: Earlier, name: str, state: str) -> None:
    earlier.has(
        "issuer.passports",
        id=name,
        state=state,
        holder_name="Amara Fennwick",
        employee_number="90100010",
        assignment_number="90100010",
        connection=f"connection-{name}",
        created_by="ottilie",
        created_at=THEN,
        invitation_expires_at=THEN,
        wrong_codes=0,
    )


def a_credential(earlier: Earlier, number: int, *, changed_at: datetime) -> None:
    earlier.has(
        "issuer.credentials",
        id=f"credential-{number}",
        passport="ended",
        type="identity",
        state="revoked",
        offered_by="ottilie",
        offered_at=THEN,
        changed_at=changed_at,
        sent_again=0,
        suspended=False,
        list_number=1,
        list_index=number,
    )


def test_passports_that_ended_are_kept_from_their_last_change_on(earlier: Earlier) -> None:
    a_passport(earlier, "ended", "deactivated")
    a_passport(earlier, "unused", "closed")
    a_passport(earlier, "open", "active")
    a_credential(earlier, 1, changed_at=THEN + timedelta(days=3))
    a_credential(earlier, 2, changed_at=THEN + timedelta(days=30))

    ended = earlier.after_upgrade("SELECT id, ended_at FROM issuer.passports")

    assert ended == {"ended": THEN + timedelta(days=30), "unused": THEN, "open": None}


def test_passports_of_before_are_found_by_their_names(earlier: Earlier) -> None:
    a_passport(earlier, "one", "active")

    words = earlier.after_upgrade("SELECT word, passport FROM issuer.passport_names")

    assert words == {"amara": "one", "fennwick": "one"}


def test_reviews_are_kept_from_the_last_thing_that_was_relied_on_in_them(earlier: Earlier) -> None:
    for name in ("relied", "not"):
        earlier.has(
            "verifier.reviews",
            id=name,
            state="accepted",
            purpose="Two weeks on Ward 9",
            connection=f"connection-{name}",
            created_by="wanjiru",
            created_at=THEN,
            invitation_expires_at=THEN,
        )
    for number, until in (("identity", 200), ("employment", 90)):
        earlier.has(
            "verifier.accepted_credentials",
            review="relied",
            type=number,
            request="a-request",
            issuer="did:webvh:QmNorthmoor:registry.staff-passport.example",
            status=[],
            standing="stands",
            checked_at=THEN,
            relied_on_until=THEN + timedelta(days=until),
        )

    relied_on = earlier.after_upgrade("SELECT id, relied_on_until FROM verifier.reviews")

    assert relied_on == {"relied": THEN + timedelta(days=200), "not": None}
