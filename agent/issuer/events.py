"""What wallets do, as ACA-Py's events tell it."""

from datetime import timedelta

from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile

from agent.background import every, on_record, subscribe
from agent.connections import CONNECTED
from agent.domain.credentials import CredentialExchangeId
from agent.domain.ports.connections import ConnectionId, Connections
from agent.issuer.confirmation import Confirmation
from agent.issuer.passports import Passports
from agent.issuer.reconciliation import IssuerReconciliation
from agent.issuer.service import EmploymentIssuance
from agent.issuer.short_lived import ShortLivedIssuance
from agent.issuer.status_lists import StatusListKeeping

_CREDENTIALS = "issue_credential_v2_0"


async def connection_requested(profile: Profile, event: Event) -> None:
    """A wallet took up an invitation."""
    await profile.inject(Passports).connection_requested(ConnectionId(event.payload["connection_id"]))


async def connection_completed(profile: Profile, event: Event) -> None:
    """A wallet is connected."""
    connection = ConnectionId(event.payload["connection_id"])
    if await profile.inject(Passports).connected(connection):
        await profile.inject(Connections).ask_what_it_binds(connection)


async def message_received(profile: Profile, event: Event) -> None:
    """A person wrote something; it may be the one-time code."""
    connection = ConnectionId(event.payload["connection_id"])
    await profile.inject(Confirmation).message_received(connection, event.payload["content"])


async def credential_proposed(profile: Profile, event: Event) -> None:
    """A wallet proposes a credential."""
    await profile.inject(ShortLivedIssuance).proposed(CredentialExchangeId(event.payload["cred_ex_id"]))


async def credential_requested(profile: Profile, event: Event) -> None:
    """A holder accepted an offer."""
    await profile.inject(EmploymentIssuance).issue(CredentialExchangeId(event.payload["cred_ex_id"]))


async def credential_stored(profile: Profile, event: Event) -> None:
    """A wallet acknowledged a credential."""
    await profile.inject(EmploymentIssuance).acknowledged(CredentialExchangeId(event.payload["cred_ex_id"]))


async def exchange_abandoned(profile: Profile, event: Event) -> None:
    """A holder declined an offer."""
    await profile.inject(EmploymentIssuance).abandoned(CredentialExchangeId(event.payload["cred_ex_id"]))


async def reconcile(profile: Profile) -> None:
    """Find whatever an event did not tell."""
    await profile.inject(IssuerReconciliation).run()


async def renew_status_lists(profile: Profile) -> None:
    """Sign again what would run out."""
    await profile.inject(StatusListKeeping).renew()


async def renew_short_lived(profile: Profile) -> None:
    """Offer again what ends by itself."""
    await profile.inject(ShortLivedIssuance).renew()


def subscribe_all(bus: EventBus, reconcile_every: timedelta) -> None:
    """Listen to all of it."""
    on_record(bus, "connections", "request", connection_requested)
    on_record(bus, "connections", CONNECTED, connection_completed)
    subscribe(bus, "acapy::basicmessage::received", message_received)
    on_record(bus, _CREDENTIALS, "proposal-received", credential_proposed)
    on_record(bus, _CREDENTIALS, "request-received", credential_requested)
    on_record(bus, _CREDENTIALS, "done", credential_stored)
    on_record(bus, _CREDENTIALS, "abandoned", exchange_abandoned)
    every(bus, reconcile_every, reconcile)
    every(bus, reconcile_every, renew_status_lists)
    every(bus, reconcile_every, renew_short_lived)
