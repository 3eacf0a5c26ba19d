"""What organisations' agents do, as ACA-Py's events tell it."""

from datetime import timedelta

from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile

from agent.background import every, on_record
from agent.connections import CONNECTED
from agent.domain.ports.connections import ConnectionId
from agent.operator.service import Applications


async def connection_requested(profile: Profile, event: Event) -> None:
    """An agent took up an invitation."""
    await profile.inject(Applications).connection_requested(ConnectionId(event.payload["connection_id"]))


async def connection_completed(profile: Profile, event: Event) -> None:
    """An agent is connected."""
    await profile.inject(Applications).connected(ConnectionId(event.payload["connection_id"]))


async def reconcile(profile: Profile) -> None:
    """Find whatever an event did not tell."""
    applications = profile.inject(Applications)
    async with applications.store.alone(f"operator:{applications.organisation.ods_code}") as alone:
        if alone:
            await applications.catch_up()


def subscribe_all(bus: EventBus, reconcile_every: timedelta) -> None:
    """Listen to all of it."""
    on_record(bus, "connections", "request", connection_requested)
    on_record(bus, "connections", CONNECTED, connection_completed)
    every(bus, reconcile_every, reconcile)
