"""Issue-credential 2.0 exchanges (RFC 0453), on the issuer's side."""

from typing import Any, Self

from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord

from agent.didcomm import JsonMessage
from agent.exchange_records import ExchangeRecord

type Json = dict[str, Any]

OFFERED: str = V20CredExRecord.STATE_OFFER_SENT
REQUESTED: str = V20CredExRecord.STATE_REQUEST_RECEIVED
ISSUED: str = V20CredExRecord.STATE_ISSUED
DONE: str = V20CredExRecord.STATE_DONE
ABANDONED: str = V20CredExRecord.STATE_ABANDONED
_NO_AUTOPILOT = dict.fromkeys(("auto_offer", "auto_issue", "auto_remove", "auto_remove_on_failure"), False)


class CredentialExchangeRecord(ExchangeRecord):
    """One credential's exchange."""

    KIND = V20CredExRecord
    ROLE = V20CredExRecord.ROLE_ISSUER

    @classmethod
    def offered(cls, identifier: str, connection: str, message: JsonMessage) -> Self:
        """A new one, for an offer that is about to be sent."""
        offer = message.content
        return cls.begun(identifier, connection, message, state=OFFERED, cred_offer=offer, **_NO_AUTOPILOT)

    @property
    def proposal(self) -> Json:
        return self.message("cred_proposal")

    @property
    def offer(self) -> Json:
        return self.message("cred_offer")

    @property
    def request(self) -> Json:
        return self.message("cred_request")

    @property
    def issued(self) -> Json:
        return self.message("cred_issue")
