"""The store on a real PostgreSQL: one organisation's rows, one order of entries, one answer a call."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select, text

from agent.audit.chain import AuditChain, AuditEntry, first_break
from agent.domain.clock import utc_now
from agent.domain.errors import Conflict, InvalidInput, Unavailable
from agent.domain.ports.audit import AuditOutcome
from agent.domain.workforce import OdsCode
from agent.organisation.records import UsedAssertions
from agent.store.engine import Store, sqlalchemy_url
from agent.store.idempotency import IdempotencyKeys
from agent.store.migrations import upgrade
from agent.store.schema import SchemaUnknown, require_current_schema
from agent.store.tables import Table
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres

NORTHMOOR, CALDER_BAY = OdsCode("ZZNM1"), OdsCode("ZZCB1")
SALT = b"a salt of a test"


async def test_a_unit_of_work_sees_its_own_organisations_rows_even_without_a_filter(store: Store) -> None:
    for organisation in (NORTHMOOR, CALDER_BAY):
        await AuditChain(store, organisation, SALT).intend("search", actor="somebody", subject="x")

    async with store.unit(CALDER_BAY) as session:
        seen = set((await session.scalars(select(AuditEntry.organisation))).all())

    assert seen == {CALDER_BAY}


async def test_a_row_of_another_organisation_cannot_be_written(store: Store) -> None:
    async def write_for_northmoor() -> None:
        async with store.unit(CALDER_BAY) as session:
            row = {"id": "i" * 20, "at": utc_now()}
            insertion = "INSERT INTO organisation.used_assertions VALUES ('ZZNM1', :id, :at)"
            await session.execute(text(insertion), row)

    with pytest.raises(Exception, match="row-level security"):
        await write_for_northmoor()


@pytest.mark.parametrize("statement", ["UPDATE audit.entries SET actor = 'x'", "DELETE FROM audit.entries"])
def test_the_agents_role_cannot_change_an_audit_entry(databases: Databases, statement: str) -> None:
    with psycopg.connect(databases.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_agents_role_cannot_change_the_schema(databases: Databases) -> None:
    with psycopg.connect(databases.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER TABLE audit.entries DISABLE ROW LEVEL SECURITY")


async def test_many_writers_make_one_chain_and_lose_nothing(store: Store) -> None:
    chain = AuditChain(store, OdsCode("ZZWR1"), SALT)

    async def act(number: int) -> None:
        intent = await chain.intend("issue", actor=f"writer-{number}", subject=str(number))
        await chain.conclude(intent, AuditOutcome.DONE)

    await asyncio.gather(*map(act, range(12)))
    entries = await chain.entries(limit=100)

    assert len(entries) == 24
    assert first_break(entries) is None
    assert "0" not in {entry.subject for entry in entries}


async def test_an_outcome_is_kept_with_its_change_or_not_at_all(store: Store) -> None:
    chain = AuditChain(store, OdsCode("ZZTX1"), SALT)
    intent = await chain.intend("issue", actor="somebody", subject="x")

    async def fail_after_concluding() -> None:
        async with store.unit(OdsCode("ZZTX1")):
            await chain.conclude(intent, AuditOutcome.DONE)
            raise Conflict("something else failed")

    with pytest.raises(Conflict):
        await fail_after_concluding()
    assert [entry.phase for entry in await chain.entries()] == ["intent"]
    assert await chain.close_stale(older_than=timedelta(0)) == 1
    assert [entry.outcome for entry in await chain.entries()] == [None, "unknown"]
    assert await chain.close_stale(older_than=timedelta(0)) == 0


async def test_an_assertion_is_used_once_across_replicas(databases: Databases, store: Store) -> None:
    replica = Store.at(databases.url)
    until = utc_now() + timedelta(minutes=1)
    uses = [UsedAssertions(each, NORTHMOOR).use("a" * 32, until=until) for each in (store, replica, store)]

    assert sorted(await asyncio.gather(*uses)) == [False, False, True]
    await replica.dispose()


async def test_a_call_is_done_once_and_its_answer_given_again(store: Store) -> None:
    keys, done = IdempotencyKeys(store, NORTHMOOR), []

    async def act() -> dict[str, Any]:
        done.append(1)
        return {"number": len(done)}

    first = await keys.once("key-number-1", actor="ottilie", digest="d", act=act)
    again = await keys.once("key-number-1", actor="ottilie", digest="d", act=act)

    assert first == again == {"number": 1}
    with pytest.raises(InvalidInput):
        await keys.once("key-number-1", actor="ottilie", digest="another", act=act)
    assert await keys.once("key-number-1", actor="kofi", digest="d", act=act) == {"number": 2}


async def test_a_call_that_was_refused_may_be_tried_again_and_one_that_runs_may_not(store: Store) -> None:
    keys = IdempotencyKeys(store, NORTHMOOR)

    async def refuse() -> dict[str, Any]:
        with pytest.raises(Conflict, match="still running"):
            await keys.once("key-number-2", actor="ottilie", digest="d", act=refuse)
        raise Unavailable("ESR does not answer.")

    async def answer() -> dict[str, Any]:
        return {"done": True}

    with pytest.raises(Unavailable):
        await keys.once("key-number-2", actor="ottilie", digest="d", act=refuse)
    assert await keys.once("key-number-2", actor="ottilie", digest="d", act=answer) == {"done": True}


def test_the_tables_are_what_the_migrations_make(databases: Databases) -> None:
    engine = create_engine(sqlalchemy_url(databases.migration_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "compare_type": True, "include_name": is_ours}
        )
        differences = compare_metadata(context, Table.metadata)
    engine.dispose()

    assert differences == [], "mend the migration, or the table's columns and indexes"


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether alembic is to compare it: all of our schemas, and not its own table."""
    return kind != "schema" or name in {table.schema for table in Table.metadata.tables.values()}


async def test_an_agent_refuses_a_schema_that_it_does_not_know(postgres: EmbeddedPostgres) -> None:
    empty = postgres.provide("empty")

    with pytest.raises(SchemaUnknown, match="staff-passport migrate"):
        await require_current_schema(empty.url)
    upgrade(empty.migration_url, agent_url=empty.url)
    await require_current_schema(empty.url)


async def test_many_who_want_to_be_alone_leave_connections_for_the_one_who_is(store: Store) -> None:
    done: list[int] = []

    async def act(number: int) -> None:
        async with store.alone(f"task {number}") as alone, store.unit(NORTHMOOR) as session:
            assert alone
            done.append(int(await session.scalar(text("SELECT :number"), {"number": number})))

    async with asyncio.timeout(20):
        await asyncio.gather(*map(act, range(60)))

    assert sorted(done) == list(range(60))
