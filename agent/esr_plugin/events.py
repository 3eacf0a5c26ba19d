"""What the plugin does by itself: it hands changes of staff to whoever consumes them."""

import logging
from datetime import timedelta

from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile

from agent.background import every
from agent.domain.ports.staff_changes import StaffChangeConsumers, StaffChanges
from agent.domain.workforce import Organisation
from agent.esr_plugin.feed_changes import dispatch
from agent.store.engine import Store
from agent.wiring import NotHere

LOGGER = logging.getLogger(__name__)
INTERVAL = timedelta(seconds=5)


def subscribe_all(bus: EventBus) -> None:
    """Begin the round that hands changes on."""
    every(bus, INTERVAL, hand_on)


async def hand_on(profile: Profile) -> None:
    """Each consumer goes on from where it was; the fault of one keeps no other from it."""
    changes, organisation = profile.inject(StaffChanges), profile.inject(Organisation).ods_code
    async with profile.inject(Store).alone(f"staff changes {organisation}") as alone:
        if not alone:
            return
        for kind in profile.inject(StaffChangeConsumers):
            try:
                await dispatch(changes, profile.inject(kind))
            except NotHere:
                LOGGER.debug("There is no %s here", kind.__qualname__)
            except Exception as error:  # noqa: BLE001  # whatever it is, the others' turn comes
                LOGGER.warning("%s waits with its changes: %s", kind.__qualname__, type(error).__qualname__)
