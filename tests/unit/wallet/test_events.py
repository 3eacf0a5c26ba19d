import asyncio
from datetime import UTC, datetime

import pytest

from wallet.holder.events import EventLog, Kind, UnknownEvent, WalletEvent

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_event_log() -> EventLog:
    return EventLog(clock=lambda: NOON)


async def test_events_are_numbered_from_one() -> None:
    log = an_event_log()
    await log.add(Kind.OFFER, "offer-1", "offer-received", "connection-1")
    assert await log.after(0, within=0) == (
        WalletEvent(1, NOON, Kind.OFFER, "offer-1", "offer-received", "connection-1"),
    )


async def test_only_what_came_after_is_told() -> None:
    log = an_event_log()
    for number in range(3):
        await log.add(Kind.OFFER, f"offer-{number}", "done", None)
    assert [event.number for event in await log.after(2, within=0)] == [3]


async def test_who_waits_is_told_as_soon_as_something_happens() -> None:
    log = an_event_log()
    waiting = asyncio.create_task(log.after(0, within=30))
    await asyncio.sleep(0)
    await log.add(Kind.REQUEST, "request-1", "request-received", None)
    (event,) = await waiting
    assert event.kind is Kind.REQUEST


async def test_waiting_ends() -> None:
    assert await an_event_log().after(0, within=0.01) == ()


async def test_a_number_from_before_a_restart_is_not_waited_for() -> None:
    with pytest.raises(UnknownEvent):
        await an_event_log().after(7, within=30)
