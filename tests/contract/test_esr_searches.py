"""What every memory of searches keeps to: the one in PostgreSQL, and the one that unit tests stand on."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from agent.domain.errors import NotFound
from agent.domain.ports.staff_records import SearchId
from agent.domain.workforce import EmployeeNumber, OdsCode, Organisation, Vpd
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.searches import SEARCH_LIFE, RememberedSearch, Searches
from agent.store.engine import Store
from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres
from tests.support.esr import NOON, SearchesInMemory

NURSE = EmployeeNumber("90100010")
OURS = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
THEIRS = Organisation(OdsCode("ZZCB1"), "Calder Bay Community Care", Vpd("902"))
FOUND = RememberedSearch("ottilie", NURSE, "strong", NOON, NOON + SEARCH_LIFE)


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with EmbeddedPostgres.temporary() as postgres:
        provided = postgres.provide("northmoor")
        upgrade(provided.migration_url, agent_url=provided.url)
        yield provided


@pytest.fixture
async def store(databases: Databases) -> AsyncIterator[Store]:
    opened = Store.at(databases.url)
    yield opened
    await opened.dispose()


@pytest.fixture(params=["PostgreSQL", "memory"])
def searches(request: pytest.FixtureRequest, store: Store) -> Searches:
    return StoredSearches(store, OURS) if request.param == "PostgreSQL" else SearchesInMemory()


async def test_whoever_searched_finds_the_person_again(searches: Searches) -> None:
    search = await searches.keep(FOUND)
    assert await searches.found(search, by="ottilie", now=NOON) == NURSE


async def test_nobody_else_does(searches: Searches) -> None:
    search = await searches.keep(FOUND)
    with pytest.raises(NotFound) as not_found:
        await searches.found(search, by="kofi", now=NOON)
    assert not_found.value.code == "search_not_found"


async def test_after_half_an_hour_nobody_does(searches: Searches) -> None:
    search = await searches.keep(FOUND)
    nearly = NOON + timedelta(minutes=30) - timedelta(seconds=1)
    assert await searches.found(search, by="ottilie", now=nearly) == NURSE
    with pytest.raises(NotFound):
        await searches.found(search, by="ottilie", now=NOON + timedelta(minutes=30))


async def test_a_search_that_never_was_is_not_found(searches: Searches) -> None:
    with pytest.raises(NotFound):
        await searches.found(SearchId("made-up"), by="ottilie", now=NOON)


async def test_another_organisation_never_finds_ours(store: Store) -> None:
    search = await StoredSearches(store, OURS).keep(FOUND)
    with pytest.raises(NotFound):
        await StoredSearches(store, THEIRS).found(search, by="ottilie", now=NOON)


async def test_expired_searches_are_forgotten(store: Store) -> None:
    searches = StoredSearches(store, OURS)
    await searches.keep(FOUND)
    later = NOON + timedelta(days=1)
    await searches.keep(RememberedSearch("kofi", NURSE, "number", later, later + SEARCH_LIFE))
    async with store.unit(OURS.ods_code) as session:
        remembered = await session.scalars(text("SELECT searcher FROM esr.searches"))
        assert remembered.all() == ["kofi"]
