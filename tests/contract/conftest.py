"""One PostgreSQL for all contract tests, with a database of its own for each module."""

from collections.abc import AsyncIterator, Iterator

import pytest

from agent.store.engine import Store
from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


@pytest.fixture(scope="module")
def databases(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> Databases:
    provided = postgres.provide(request.module.__name__.rpartition(".")[2].replace("_", "-"))
    upgrade(provided.migration_url, agent_url=provided.url)
    return provided


@pytest.fixture
async def store(databases: Databases) -> AsyncIterator[Store]:
    opened = Store.at(databases.url)
    yield opened
    await opened.dispose()
