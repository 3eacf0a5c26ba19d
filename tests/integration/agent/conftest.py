"""One database for tests of use cases and of the store, without agents."""

from collections.abc import AsyncIterator, Iterator

import pytest

from agent.store.engine import Store
from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres


@pytest.fixture(scope="package")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as running:
        yield running


@pytest.fixture(scope="package")
def databases(postgres: EmbeddedPostgres) -> Databases:
    made = postgres.provide("store")
    upgrade(made.migration_url, agent_url=made.url)
    return made


@pytest.fixture
async def store(databases: Databases) -> AsyncIterator[Store]:
    opened = Store.at(databases.url)
    yield opened
    await opened.dispose()
