"""What every memory of searches keeps to: the one in PostgreSQL, and the one that unit tests stand on."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchId, SearchState
from agent.domain.workforce import EmployeeNumber, OdsCode, Organisation, Vpd
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.searches import (
    SEARCH_LIFE,
    WEAK_LIFE,
    Decision,
    Keyed,
    RememberedSearch,
    Searches,
)
from agent.store.engine import Store
from tests.support.esr import NOON, SearchesInMemory

NURSE = EmployeeNumber("90100010")
OURS = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
THEIRS = Organisation(OdsCode("ZZCB1"), "Calder Bay Community Care", Vpd("902"))
FOUND = RememberedSearch(
    SearchId("a-search"),
    "ottilie",
    "person-ottilie",
    EmployeeNumber("90100001"),
    NURSE,
    SearchState.FOUND,
    MatchStrength.STRONG,
    (("surname", Agreement.AGREES), ("number", Agreement.NOT_GIVEN)),
    None,
    NOON,
    NOON + SEARCH_LIFE,
)
WEAK = replace(
    FOUND,
    state=SearchState.AWAITING,
    strength=MatchStrength.WEAK,
    keyed=Keyed("Fenwick", "Amara", date(1990, 5, 17)),
    expires_at=NOON + WEAK_LIFE,
)
CONFIRMED = Decision(SearchState.CONFIRMED, "kofi", NOON + timedelta(hours=23))


def another(search: RememberedSearch) -> RememberedSearch:
    """The same search under a name of its own: they share a database."""
    return replace(search, id=SearchId(str(uuid4())))


@pytest.fixture(params=["PostgreSQL", "memory"])
def searches(request: pytest.FixtureRequest, store: Store) -> Searches:
    return StoredSearches(store, OURS) if request.param == "PostgreSQL" else SearchesInMemory()


async def test_whoever_searched_finds_the_person_again(searches: Searches) -> None:
    found = another(FOUND)
    await searches.keep(found)
    assert await searches.own(found.id, by="ottilie", now=NOON) == found


async def test_nobody_else_does(searches: Searches) -> None:
    found = another(FOUND)
    await searches.keep(found)
    with pytest.raises(NotFound) as not_found:
        await searches.own(found.id, by="kofi", now=NOON)
    assert not_found.value.code == "search_not_found"


async def test_after_half_an_hour_nobody_does(searches: Searches) -> None:
    found = another(FOUND)
    await searches.keep(found)
    nearly = NOON + timedelta(minutes=30) - timedelta(seconds=1)
    assert (await searches.own(found.id, by="ottilie", now=nearly)).employee_number == NURSE
    with pytest.raises(NotFound):
        await searches.own(found.id, by="ottilie", now=NOON + timedelta(minutes=30))


async def test_a_search_that_never_was_is_not_found(searches: Searches) -> None:
    with pytest.raises(NotFound):
        await searches.own(SearchId("made-up"), by="ottilie", now=NOON)


async def test_a_weak_one_waits_for_anybody_until_it_is_decided_once(searches: Searches) -> None:
    weak = another(WEAK)
    await searches.keep(weak)
    assert await searches.weak(weak.id, now=NOON) == weak
    assert weak in await searches.awaiting(now=NOON)

    decided = await searches.decide(weak.id, CONFIRMED)

    until = CONFIRMED.at + WEAK_LIFE
    state = SearchState.CONFIRMED
    assert decided == replace(weak, state=state, keyed=None, decision=CONFIRMED, expires_at=until)
    assert await searches.own(weak.id, by="ottilie", now=CONFIRMED.at) == decided
    assert weak.id not in [each.id for each in await searches.awaiting(now=NOON)]
    with pytest.raises(Conflict) as again:
        await searches.decide(weak.id, CONFIRMED)
    assert again.value.code == "weak_match_decided"


async def test_those_that_wait_are_paged_the_oldest_first(searches: Searches) -> None:
    later = [replace(another(WEAK), at=NOON + timedelta(seconds=each)) for each in (3, 1, 2)]
    for weak in later:
        await searches.keep(weak)
    in_order = [later[1].id, later[2].id, later[0].id]

    found = [each.id for each in await searches.awaiting(now=NOON, limit=200) if each.id in in_order]
    assert found == in_order
    after = (later[1].at, later[1].id)
    assert [each.id for each in await searches.awaiting(now=NOON, after=after, limit=1)] == in_order[1:2]


async def test_a_weak_one_that_expired_is_decided_by_nobody(searches: Searches) -> None:
    weak = another(WEAK)
    await searches.keep(weak)
    late = NOON + WEAK_LIFE
    assert weak.id not in [each.id for each in await searches.awaiting(now=late)]
    with pytest.raises(NotFound):
        await searches.decide(weak.id, replace(CONFIRMED, at=late))


async def test_what_was_found_surely_is_nobodys_to_decide(searches: Searches) -> None:
    found = another(FOUND)
    await searches.keep(found)
    with pytest.raises(NotFound):
        await searches.weak(found.id, now=NOON)
    with pytest.raises(NotFound):
        await searches.decide(found.id, CONFIRMED)


async def test_two_who_decide_at_once_are_one_after_the_other(store: Store) -> None:
    searches, weak = StoredSearches(store, OURS), another(WEAK)
    await searches.keep(weak)
    refused = replace(CONFIRMED, state=SearchState.REFUSED, by="tegan")
    both = await asyncio.gather(
        searches.decide(weak.id, CONFIRMED), searches.decide(weak.id, refused), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in both) == ["Conflict", "RememberedSearch"]


async def test_another_organisation_never_finds_ours(store: Store) -> None:
    found, weak = another(FOUND), another(WEAK)
    for each in (found, weak):
        await StoredSearches(store, OURS).keep(each)
    theirs = StoredSearches(store, THEIRS)
    with pytest.raises(NotFound):
        await theirs.own(found.id, by="ottilie", now=NOON)
    with pytest.raises(NotFound):
        await theirs.decide(weak.id, CONFIRMED)
    assert await theirs.awaiting(now=NOON) == []


async def test_expired_searches_are_forgotten(store: Store) -> None:
    searches, found = StoredSearches(store, OURS), another(FOUND)
    await searches.keep(found)
    later = NOON + timedelta(days=3)
    kept = replace(another(FOUND), searcher="kofi", at=later, expires_at=later + SEARCH_LIFE)
    await searches.keep(kept)
    async with store.unit(OURS.ods_code) as session:
        remembered = await session.scalars(text("SELECT searcher FROM esr.searches"))
        assert remembered.all() == ["kofi"]
