"""Present-proof 2.0 exchanges (RFC 0454), on the verifier's side."""

from typing import Any, Self

from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord

from agent.didcomm import JsonMessage
from agent.exchange_records import ExchangeRecord

type Json = dict[str, Any]

REQUESTED: str = V20PresExRecord.STATE_REQUEST_SENT
PRESENTED: str = V20PresExRecord.STATE_PRESENTATION_RECEIVED
DONE: str = V20PresExRecord.STATE_DONE
ABANDONED: str = V20PresExRecord.STATE_ABANDONED
_NO_AUTOPILOT = dict.fromkeys(("auto_present", "auto_verify", "auto_remove"), False)


class PresentationExchangeRecord(ExchangeRecord):
    """One request's exchange."""

    KIND = V20PresExRecord
    ROLE = V20PresExRecord.ROLE_VERIFIER

    @classmethod
    def requested(cls, identifier: str, connection: str, message: JsonMessage) -> Self:
        """A new one, for a request that is about to be sent."""
        asked = message.content
        return cls.begun(
            identifier, connection, message, state=REQUESTED, pres_request=asked, **_NO_AUTOPILOT
        )

    @property
    def request(self) -> Json:
        return self.message("pres_request")

    @property
    def presentation(self) -> Json:
        return self.message("pres")
