"""What a wallet answers to an offer and to a credential, as it arrives: kept with the exchange, once."""

from acapy_agent.core.profile import ProfileSession
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.issue_credential.v2_0.message_types import CRED_20_ACK, CRED_20_REQUEST

from agent.didcomm import JsonMessage
from agent.exchange_records import AnswerHandler
from agent.issuer.exchange_records import DONE, ISSUED, OFFERED, REQUESTED, CredentialExchangeRecord


class RequestHandler(AnswerHandler[CredentialExchangeRecord]):
    """Takes the first request.

    ACA-Py's own handler takes a later one too, in place of what was judged, and forgets what was signed. A
    wallet that asks again did not get our answer, and so it is told of again.
    """

    records = CredentialExchangeRecord

    async def take(
        self, record: CredentialExchangeRecord, message: JsonMessage, transaction: ProfileSession
    ) -> str | None:
        if record.state == OFFERED:
            await record.update(transaction, cred_request=message.content, state=REQUESTED)
            return REQUESTED
        return REQUESTED if record.state in {REQUESTED, ISSUED} else None


class AcknowledgementHandler(AnswerHandler[CredentialExchangeRecord]):
    """Takes an acknowledgement of what was issued, and of nothing else."""

    records = CredentialExchangeRecord

    async def take(
        self,
        record: CredentialExchangeRecord,
        message: JsonMessage,  # noqa: ARG002  # it says no more than that it came
        transaction: ProfileSession,
    ) -> str | None:
        if record.state != ISSUED:
            return None
        await record.update(transaction, state=DONE)
        return DONE


class Request(JsonMessage):
    """A wallet asks for what it was offered."""

    handler = RequestHandler


class Acknowledgement(JsonMessage):
    """A wallet has stored what it was sent."""

    handler = AcknowledgementHandler


MESSAGE_TYPES = DIDCommPrefix.qualify_all({CRED_20_REQUEST: Request, CRED_20_ACK: Acknowledgement})
"""To be registered in place of ACA-Py's own."""
