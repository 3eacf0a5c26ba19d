"""What happens by itself: handlers of ACA-Py's events, and rounds that repeat."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN, STARTUP_EVENT_PATTERN

from agent.tenants import Tenants
from agent.wiring import NotHere

LOGGER = logging.getLogger(__name__)

type Handler = Callable[[Profile, Event], Awaitable[None]]
type Round = Callable[[Profile], Awaitable[None]]


def on_record(bus: EventBus, topic: str, state: str, handler: Handler) -> None:
    """Call `handler` when a record of `topic` comes into `state`."""
    subscribe(bus, f"acapy::record::{topic}::{state}", handler)


def subscribe(bus: EventBus, topic: str, handler: Handler) -> None:
    """Call `handler` on exactly `topic`. The bus forgets; whatever must follow is also found by a round."""

    async def quietly(profile: Profile, event: Event) -> None:
        try:
            await handler(profile, event)
        except NotHere:
            LOGGER.debug("Handling %s is nothing to do here", topic)
        except Exception as error:  # noqa: BLE001  # the bus would log the event with the claims in it
            LOGGER.warning("Handling %s ended with %s", topic, _name(error))

    bus.subscribe(re.compile(f"^{re.escape(topic)}$"), quietly)


def every(bus: EventBus, interval: timedelta, round_: Round) -> None:
    """From start-up to shutdown, do `round_` for each organisation at once and then after each `interval`."""
    tasks: set[asyncio.Task[None]] = set()

    async def repeat(profile: Profile) -> None:
        while True:
            await _for_each_organisation(round_, profile)
            await asyncio.sleep(interval.total_seconds())

    async def start(profile: Profile, _event: Event) -> None:
        task = asyncio.create_task(repeat(profile))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def stop(_profile: Profile, _event: Event) -> None:
        for task in tasks:
            task.cancel()

    bus.subscribe(STARTUP_EVENT_PATTERN, start)
    bus.subscribe(SHUTDOWN_EVENT_PATTERN, stop)


async def _for_each_organisation(round_: Round, profile: Profile) -> None:
    try:
        for own in await profile.inject(Tenants).profiles(profile):
            await _quietly(round_, own)
    except Exception as error:  # noqa: BLE001  # one failed round must not be the last
        LOGGER.warning("A round of %s ended with %s", round_.__qualname__, _name(error))


async def _quietly(round_: Round, own: Profile) -> None:
    """One organisation's fault is no other's. What it has no plugin for is nothing to do."""
    try:
        await round_(own)
    except NotHere:
        LOGGER.debug("A round of %s has nothing to do here", round_.__qualname__)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
        LOGGER.warning("A round of %s ended with %s", round_.__qualname__, _name(error))


def _name(error: BaseException) -> str:
    """What may be logged of an error: its type, and its code if it is ours."""
    return f"{type(error).__qualname__} {getattr(error, 'code', '')}".rstrip()
