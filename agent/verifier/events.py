"""What wallets do, as ACA-Py's events tell it."""

from datetime import timedelta

from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile

from agent.background import every, on_record
from agent.connections import CONNECTED
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.presentations import PresentationRequestId
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.reviews import Reviews
from agent.verifier.service import PassportVerification

_PROOFS = "present_proof_v2_0"


async def connection_requested(profile: Profile, event: Event) -> None:
    """A wallet took up an invitation."""
    await profile.inject(Reviews).connection_requested(ConnectionId(event.payload["connection_id"]))


async def connection_completed(profile: Profile, event: Event) -> None:
    """A wallet is connected."""
    connection = ConnectionId(event.payload["connection_id"])
    if await profile.inject(Reviews).connected(connection):
        await profile.inject(Connections).ask_what_it_binds(connection)


async def presentation_received(profile: Profile, event: Event) -> None:
    """A person presented something."""
    await profile.inject(PassportVerification).judge(PresentationRequestId(event.payload["pres_ex_id"]))


async def exchange_abandoned(profile: Profile, event: Event) -> None:
    """A person declined."""
    await profile.inject(PassportVerification).abandoned(PresentationRequestId(event.payload["pres_ex_id"]))


async def reconcile(profile: Profile) -> None:
    """Find whatever an event did not tell; one replica at a time."""
    own = profile.inject(Organisation)
    async with profile.inject(Store).alone(f"verifier:{own.ods_code}") as alone:
        if alone:
            await profile.inject(Reviews).catch_up()
            await profile.inject(PassportVerification).catch_up()


async def check_again(profile: Profile) -> None:
    """Learn of what was revoked after it was accepted; one replica at a time."""
    own = profile.inject(Organisation)
    async with profile.inject(Store).alone(f"accepted:{own.ods_code}") as alone:
        if alone:
            await profile.inject(AcceptedCredentials).check_again()


def subscribe_all(bus: EventBus, *, reconcile_every: timedelta, check_again_every: timedelta) -> None:
    """Listen to all of it."""
    on_record(bus, "connections", "request", connection_requested)
    on_record(bus, "connections", CONNECTED, connection_completed)
    on_record(bus, _PROOFS, "presentation-received", presentation_received)
    on_record(bus, _PROOFS, "abandoned", exchange_abandoned)
    every(bus, reconcile_every, reconcile)
    every(bus, check_again_every, check_again)
