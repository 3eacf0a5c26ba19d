"""Row-level security: with every filter of ours taken away, an organisation sees its own rows alone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    TypeEngine,
)

import agent.openapi
from agent.domain.errors import NotFound
from agent.domain.workforce import OdsCode
from agent.issuer.finding import PassportFilter
from agent.issuer.records import PassportRepository
from agent.organisation.people.records import PeopleRepository
from agent.store.engine import Store
from agent.store.tables import Table
from agent.verifier.records import ReviewRepository
from staff_passport.embedded_postgres import Databases

assert agent.openapi.TABLES, "every plugin's tables are known once its routes are"
OURS, THEIRS = OdsCode("ZZLK1"), OdsCode("ZZLK2")
TABLES: Sequence[SqlTable] = Table.metadata.sorted_tables
NAMES = [table.fullname for table in TABLES]
NEVER_CHANGED = {"organisation.terms_acceptances", "organisation.changes", "issuer.passport_names"}
"""Of which an agent may change no row, its own no more than others'."""


OF_KIND: dict[type[TypeEngine[Any]], object] = {
    JSONB: Jsonb({}),
    ARRAY: [],
    DateTime: datetime.now(UTC),
    Date: datetime.now(UTC).date(),
    Boolean: False,
    LargeBinary: b"x",
    SmallInteger: 1,
    BigInteger: 1,
    Integer: 1,
}


def a_value(kind: TypeEngine[Any], identifier: str) -> object:
    """Something that a column of this kind takes."""
    if isinstance(kind, String):
        return identifier[: kind.length or 36]
    return next(value for known, value in OF_KIND.items() if isinstance(kind, known))


@pytest.fixture(scope="module")
def seeded(databases: Databases) -> str:
    """One row of theirs in every table, put there by the owner; its id where it has one."""
    identifier = str(uuid4())
    with psycopg.connect(databases.migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [THEIRS])
        _let_triggers(connection, "DISABLE")  # they would put further rows there
        for table in TABLES:
            columns = [
                column for column in table.columns if not (column.nullable and _comes_later(column.name))
            ]
            values = [
                THEIRS if column.name == "organisation" else a_value(column.type, identifier)
                for column in columns
            ]
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(str(table.schema), table.name),
                sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            )
            connection.execute(statement, values)
        _let_triggers(connection, "ENABLE")
    return identifier


def _comes_later(name: str) -> bool:
    """What is there only once something else is: instants, and what a host decided."""
    return "_at" in name or name.startswith("decision")


def _let_triggers(connection: psycopg.Connection, what: str) -> None:
    for table in TABLES:
        name = sql.Identifier(str(table.schema), table.name)
        connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(name, sql.SQL(what)))


def test_every_table_of_ours_is_locked_for_its_owner_too(databases: Databases) -> None:
    with psycopg.connect(databases.migration_url) as connection:
        rows = connection.execute(
            "SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND c.relforcerowsecurity"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'jobs', 'public')"
        ).fetchall()

    assert {name for name, _ in rows} == set(NAMES)
    assert [name for name, locked in rows if not locked] == []


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
async def test_without_any_filter_nothing_of_another_organisation_is_seen_or_changed(
    store: Store, seeded: str, table: SqlTable
) -> None:
    everything = select(func.count()).select_from(table)
    async with store.unit(THEIRS) as session:
        theirs = await session.scalar(everything.where(table.c.organisation == THEIRS))
    async with store.unit(OURS) as session:
        seen = await session.scalar(everything.where(table.c.organisation != OURS))

    assert (theirs, seen) == (1, 0)


@pytest.mark.parametrize(
    "table",
    [table for table in TABLES if table.schema != "audit" and table.fullname not in NEVER_CHANGED],
    ids=str,
)
async def test_nor_can_it_be_changed_or_removed(store: Store, seeded: str, table: SqlTable) -> None:
    column = next(column for column in table.columns if not column.primary_key)
    async with store.unit(OURS) as session:
        changed = await session.execute(
            update(table).values({column.name: column}).returning(table.c.organisation)
        )
        removed = await session.execute(delete(table).returning(table.c.organisation))

        assert THEIRS not in {row.organisation for row in changed}
        assert THEIRS not in {row.organisation for row in removed}
        await session.rollback()


async def test_a_repository_that_was_made_for_another_organisation_finds_nothing(
    store: Store, seeded: str
) -> None:
    """As if a caller had passed the wrong code: the unit of work says whose rows there are."""
    async with store.unit(OURS) as session:
        for find in (
            PassportRepository(session, THEIRS).get,
            ReviewRepository(session, THEIRS).review,
            PeopleRepository(session, THEIRS).get,
        ):
            with pytest.raises(NotFound):
                await find(seeded)
        assert not await PassportRepository(session, THEIRS).page(PassportFilter(), after=None, limit=10)
    async with store.unit(THEIRS) as session:
        assert (await PassportRepository(session, THEIRS).get(seeded)).id == seeded


async def test_a_unit_of_no_organisation_sees_nothing_at_all(databases: Databases, seeded: str) -> None:
    with psycopg.connect(databases.url) as connection:
        for table in TABLES:
            name = sql.Identifier(str(table.schema), table.name)
            assert connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone() == (0,)
