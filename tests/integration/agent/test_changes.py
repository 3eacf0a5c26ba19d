"""What changed, as the database writes it down: once for a transaction, nothing left out, nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.clock import utc_now
from agent.domain.errors import InvalidInput
from agent.domain.workforce import OdsCode
from agent.esr_plugin.records import SearchRow
from agent.operator.records import ApplicationRow
from agent.organisation.registration.records import RegistrationRow
from agent.store.changes import Changes, Kind, Position
from agent.store.engine import Store
from agent.verifier.records import ReviewRow

NORTHMOOR, CALDER_BAY = OdsCode("ZZNM1"), OdsCode("ZZCB1")


async def write(session: AsyncSession, organisation: OdsCode = NORTHMOOR) -> str:
    """A review, as the verifier writes one."""
    row = ReviewRow(
        organisation=organisation,
        id=str(uuid4()),
        state="invited",
        purpose="Starting work",
        connection=str(uuid4()),
        created_by="somebody",
        created_at=utc_now(),
        invitation_expires_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row.id


async def written(store: Store, organisation: OdsCode = NORTHMOOR) -> str:
    async with store.unit(organisation) as session:
        return await write(session, organisation)


async def subjects(changes: Changes, position: Position) -> list[str]:
    return [change.subject for change in await changes.since(position)]


@pytest.fixture
def changes(store: Store) -> Changes:
    return Changes(store, NORTHMOOR)


async def test_what_is_committed_is_told_in_order_and_once_for_a_transaction(
    store: Store, changes: Changes
) -> None:
    start = await changes.now()
    first = await written(store)
    async with store.unit(NORTHMOOR) as session:
        second = await write(session)
        touch = text("UPDATE verifier.reviews SET purpose = 'More work' WHERE id = :id")
        await session.execute(touch, {"id": second})
        await session.execute(touch, {"id": second})

    found = await changes.since(start)

    assert [(change.kind, change.subject) for change in found] == [
        (Kind.REVIEW, first),
        (Kind.REVIEW, second),
    ]
    assert await subjects(changes, found[0].position) == [second]
    assert await subjects(changes, found[1].position) == []


async def test_weak_matches_are_told_of_and_strong_ones_are_not(store: Store, changes: Changes) -> None:
    start = await changes.now()
    async with store.unit(NORTHMOOR) as session:
        weak, strong = (a_search(strength) for strength in ("weak", "strong"))
        session.add_all([weak, strong])

    assert [(change.kind, change.subject) for change in await changes.since(start)] == [
        (Kind.WEAK_MATCH, weak.id)
    ]


async def test_registrations_and_applications_are_told_of(store: Store, changes: Changes) -> None:
    start = await changes.now()
    async with store.unit(NORTHMOOR) as session:
        session.add(RegistrationRow(organisation=NORTHMOOR, state="draft"))
        await session.flush()
        application = an_application()
        session.add(application)

    assert [(change.kind, change.subject) for change in await changes.since(start)] == [
        (Kind.REGISTRATION, NORTHMOOR),
        (Kind.APPLICATION, application.id),
    ]


def a_search(strength: str) -> SearchRow:
    return SearchRow(
        organisation=NORTHMOOR,
        id=str(uuid4()),
        searcher="somebody",
        employee_number="90210011",
        state="matched",
        strength=strength,
        fields=[],
        at=utc_now(),
        expires_at=utc_now() + timedelta(minutes=1),
    )


def an_application() -> ApplicationRow:
    return ApplicationRow(
        organisation=NORTHMOOR,
        id=str(uuid4()),
        ods_code="ZZCB1",
        state="invited",
        connection=str(uuid4()),
        invited_by="somebody",
        invited_at=utc_now(),
        invitation_expires_at=utc_now(),
    )


async def test_what_is_rolled_back_did_not_change(store: Store, changes: Changes) -> None:
    start = await changes.now()
    async with store.unit(NORTHMOOR) as session:
        await write(session)
        await session.rollback()
    assert await subjects(changes, start) == []


async def test_another_organisation_is_told_nothing(store: Store, changes: Changes) -> None:
    start = await changes.now()
    theirs = await written(store, CALDER_BAY)
    assert await subjects(changes, start) == []
    assert await subjects(Changes(store, CALDER_BAY), start) == [theirs]


@asynccontextmanager
async def slow_transaction(store: Store) -> AsyncIterator[str]:
    """A change that is made before the block and committed after it."""
    async with store.unit(NORTHMOOR) as session:
        yield await write(session)


async def test_a_transaction_that_began_before_and_ends_after_another_is_not_left_out(
    store: Store, changes: Changes
) -> None:
    position = await changes.now()
    told = list[str]()

    async with slow_transaction(store) as slow:
        quick = await asyncio.create_task(written(store))
        for change in await changes.since(position):
            position = change.position
            told.append(change.subject)
    told += await subjects(changes, position)

    assert told == [slow, quick]


async def test_who_waits_is_told_as_soon_as_something_changes_and_nothing_in_vain(
    store: Store, changes: Changes
) -> None:
    start = await changes.now()
    assert await changes.wait(start, at_most=0.1) == ()

    waiting = asyncio.create_task(changes.wait(start, at_most=30))
    changed = await written(store)

    assert [change.subject for change in await waiting] == [changed]


async def test_many_who_wait_look_no_more_often_than_one(
    store: Store, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, looks = await changes.now(), list[int]()
    look = changes._look  # how often the database is asked

    async def counted() -> Position | None:
        looks.append(1)
        return await look()

    monkeypatch.setattr(changes, "_look", counted)
    await asyncio.gather(*(changes.wait(start, at_most=1.2) for _ in range(50)))

    assert len(looks) <= 4


async def test_changes_are_forgotten_after_a_day_and_who_was_away_longer_is_known(
    store: Store, changes: Changes
) -> None:
    before = await changes.now()
    await written(store)
    seen = (await changes.since(before))[-1].position
    await written(store)
    newest = await written(store)
    tomorrow = Changes(store, NORTHMOOR, clock=lambda: utc_now() + timedelta(days=1, minutes=1))

    await changes.forget()
    assert len(await changes.since(before)) == 3
    await tomorrow.forget()

    assert await subjects(changes, before) == [newest]
    assert await changes.has_forgotten(seen)
    assert not await changes.has_forgotten(await changes.now())


@pytest.mark.parametrize(
    "word", ["", "1", "1-", "-1-2", "a-b", "1-2-3", "1-99999999999999999999", "\uff11-\uff12"]
)
def test_a_position_of_somebody_elses_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput):
        Position.parse(word)


def test_a_position_is_what_it_was_written_as() -> None:
    assert Position.parse(str(Position(17, 2**63 - 1))) == Position(17, 2**63 - 1)
