"""ACA-Py's events in: changes of state become numbered events, without what they are about."""

import re

from acapy_agent.core.event_bus import EventWithMetadata
from acapy_agent.core.profile import Profile

from wallet.holder.events import EventLog, Kind

RECORDS = re.compile(
    r"^acapy::(?:record::(connections|issue_credential_v2_0_anoncreds|issue_credential_v2_0|present_proof_v2_0)"
    r"|(basicmessage)::received)(?:::|$)"
)

_KINDS = {
    "connections": (Kind.CONNECTION, "connection_id", "rfc23_state"),
    "issue_credential_v2_0": (Kind.OFFER, "cred_ex_id", "state"),
    "issue_credential_v2_0_anoncreds": (Kind.CREDENTIAL, "cred_id_stored", "state"),
    "present_proof_v2_0": (Kind.REQUEST, "pres_ex_id", "state"),
    "basicmessage": (Kind.MESSAGE, "message_id", "state"),
}
STORED = "stored"
"""The one state of a credential that ACA-Py has no word for."""


class Notices:
    """Writes what ACA-Py tells into the event log."""

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def take(self, profile: Profile, event: EventWithMetadata) -> None:  # noqa: ARG002 - ACA-Py's call
        topics = [topic for topic in event.metadata.match.groups() if topic]
        kind, name, state = _KINDS[topics[0]]
        if identifier := event.payload.get(name):
            await self._events.add(
                kind, identifier, event.payload.get(state) or STORED, event.payload.get("connection_id")
            )
