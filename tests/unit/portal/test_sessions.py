"""How long somebody is signed in."""

from datetime import timedelta

import pytest

from portal.accounts import AccountId
from portal.sessions import Life, Proof, Sessions, SessionToken, digest_of
from tests.support.portal_people import EMAIL, NOON, Clock, SessionsInMemory

OURS = AccountId("account-1")
LIFE = Life(idle=timedelta(minutes=30), longest=timedelta(hours=10))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(SessionsInMemory(), LIFE, clock)


async def begun(sessions: Sessions, *, instead_of: SessionToken | None = None) -> SessionToken:
    return await sessions.begin(OURS, EMAIL, Proof("urn:x", NOON), instead_of=instead_of)


async def test_a_token_opens_the_session_it_was_given_for(sessions: Sessions) -> None:
    found = await sessions.find(await begun(sessions))

    assert found is not None
    assert (found.account, found.email, found.organisation) == (OURS, EMAIL, None)


async def test_what_is_kept_opens_nothing(sessions: Sessions) -> None:
    token = await begun(sessions)

    assert await sessions.find(SessionToken(digest_of(token))) is None


async def test_signing_in_always_gives_a_new_token_and_ends_the_one_before(sessions: Sessions) -> None:
    planted = await begun(sessions)

    token = await begun(sessions, instead_of=planted)

    assert token != planted
    assert await sessions.find(planted) is None


async def test_half_an_hour_without_a_page_ends_it(sessions: Sessions, clock: Clock) -> None:
    token = await begun(sessions)
    clock.now += timedelta(minutes=29)
    assert await sessions.find(token) is not None
    clock.now += timedelta(minutes=29)
    assert await sessions.find(token) is not None

    clock.now += timedelta(minutes=30)

    assert await sessions.find(token) is None


async def test_ten_hours_end_it_however_busy_the_person_is(sessions: Sessions, clock: Clock) -> None:
    token = await begun(sessions)
    for _ in range(29):
        clock.now += timedelta(minutes=20)
        assert await sessions.find(token) is not None

    clock.now += timedelta(minutes=20)

    assert await sessions.find(token) is None


async def test_going_on_alone_ends_every_other_session_of_the_person(sessions: Sessions) -> None:
    here, elsewhere = await begun(sessions), await begun(sessions)
    session = await sessions.find(here)
    assert session is not None
    await sessions.choose(session, "ZZNM1")
    session = await sessions.find(here)
    assert session is not None

    token = await sessions.begin_alone(session, Proof("urn:y", NOON))

    assert await sessions.find(here) is None
    assert await sessions.find(elsewhere) is None
    found = await sessions.find(token)
    assert found is not None
    assert (found.organisation, found.proof) == ("ZZNM1", Proof("urn:y", NOON))


async def test_signing_out_ends_it(sessions: Sessions) -> None:
    token = await begun(sessions)

    await sessions.end(token)

    assert await sessions.find(token) is None


async def test_the_organisation_that_was_chosen_is_remembered(sessions: Sessions) -> None:
    token = await begun(sessions)
    session = await sessions.find(token)
    assert session is not None

    await sessions.choose(session, "ZZNM1")

    again = await sessions.find(token)
    assert again is not None
    assert again.organisation == "ZZNM1"


async def test_a_page_that_only_watches_keeps_nobody_signed_in(sessions: Sessions, clock: Clock) -> None:
    token = await begun(sessions)
    for _ in range(29):
        clock.now += timedelta(minutes=1)
        assert await sessions.find(token, watching=True) is not None

    clock.now += timedelta(minutes=1)

    assert await sessions.find(token, watching=True) is None


async def test_it_is_known_for_a_while_whose_session_ended_by_itself(
    sessions: Sessions, clock: Clock
) -> None:
    token = await begun(sessions)
    assert await sessions.ended(token) is None
    clock.now += timedelta(minutes=30)

    ended = await sessions.ended(token)

    assert ended is not None
    assert ended.account == OURS
    await begun(sessions)
    assert await sessions.ended(token) is not None
    clock.now += timedelta(hours=12, seconds=1)
    await begun(sessions)
    assert await sessions.ended(token) is None


async def test_nothing_is_known_of_a_session_that_was_signed_out(sessions: Sessions, clock: Clock) -> None:
    token = await begun(sessions)
    await sessions.end(token)
    clock.now += timedelta(minutes=30)

    assert await sessions.ended(token) is None
