"""Requests of who does not prove to be registered are declined when they come."""

import re

from acapy_agent.core.event_bus import Event
from acapy_agent.core.profile import Profile
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord

from wallet.holder.requests import PresentationRequests

REQUESTS = re.compile(r"^acapy::record::present_proof_v2_0::request-received$")


async def turn_away(profile: Profile, event: Event) -> None:
    """A request came. One that is not turned away waits for the person, and is looked at again then."""
    if event.payload.get("role") == V20PresExRecord.ROLE_PROVER:
        await PresentationRequests(profile).turn_away(str(event.payload["pres_ex_id"]))
