"""A presentation as it arrives: kept for us to check, once, and looked at by nobody before."""

from acapy_agent.core.profile import ProfileSession
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.present_proof.v2_0.message_types import PRES_20

from agent.didcomm import JsonMessage
from agent.exchange_records import AnswerHandler
from agent.verifier.exchange_records import PRESENTED, REQUESTED, PresentationExchangeRecord


class PresentationHandler(AnswerHandler[PresentationExchangeRecord]):
    """Takes the first presentation.

    ACA-Py's own handler takes a later one too, in place of what was judged; and what does not fit its
    reading of the request it leaves without a word, so that nobody learns that something came.
    """

    records = PresentationExchangeRecord

    async def take(
        self, record: PresentationExchangeRecord, message: JsonMessage, transaction: ProfileSession
    ) -> str | None:
        if record.state != REQUESTED:
            return None
        await record.update(transaction, pres=message.content, state=PRESENTED)
        return PRESENTED


class Presentation(JsonMessage):
    """A person shows something."""

    handler = PresentationHandler


MESSAGE_TYPES = DIDCommPrefix.qualify_all({PRES_20: Presentation})
"""To be registered in place of ACA-Py's own."""
