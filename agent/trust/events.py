"""What the operator's agent does by itself: it keeps the list from expiring."""

from datetime import timedelta

from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile

from agent.background import every
from agent.trust.publishing import PublishedList

CARRY_ON_EVERY = timedelta(minutes=1)


async def carry_on(profile: Profile) -> None:
    """Publish what waits, and sign anew what is due."""
    await profile.inject(PublishedList).carry_on()


def subscribe_all(bus: EventBus) -> None:
    """From start-up on."""
    every(bus, CARRY_ON_EVERY, carry_on)
