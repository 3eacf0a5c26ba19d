"""What a wallet answers to an offer and to a credential, as it arrives: kept with the exchange, once."""

from abc import ABC, abstractmethod
from typing import cast

from acapy_agent.core.profile import Profile, ProfileSession
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.issue_credential.v2_0.message_types import CRED_20_ACK, CRED_20_REQUEST

from agent.didcomm import JsonMessage
from agent.domain.errors import NotFound
from agent.issuer.exchange_records import DONE, ISSUED, OFFERED, REQUESTED, ExchangeRecord

TOPIC = "acapy::record::issue_credential_v2_0::"
"""As ACA-Py tells that a record has come into a state."""


class _Answer(BaseHandler, ABC):
    """Puts an answer into the exchange on whose thread it comes, if the exchange waits for it."""

    @abstractmethod
    async def take(
        self, record: ExchangeRecord, message: JsonMessage, transaction: ProfileSession
    ) -> str | None:
        """Keep the answer, and the state of which to tell; None for one that nobody waits for."""

    async def handle(self, context: RequestContext, _responder: BaseResponder) -> None:
        """Keep it, and then tell that it came."""
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("An answer came over no connection that is ready")
        profile: Profile = context.profile
        message = cast("JsonMessage", context.message)
        async with profile.transaction() as transaction:
            try:
                record = await ExchangeRecord.of_thread(transaction, connection.connection_id, message.thread)
            except NotFound as error:
                raise HandlerException("An answer came to nothing that was offered") from error
            state = await self.take(record, message, transaction)
            await transaction.commit()
        if state is not None:
            await profile.notify(f"{TOPIC}{state}", {"cred_ex_id": record.id})


class RequestHandler(_Answer):
    """Takes the first request.

    ACA-Py's own handler takes a later one too, in place of what was judged, and forgets what was signed. A
    wallet that asks again did not get our answer, and so it is told of again.
    """

    async def take(
        self, record: ExchangeRecord, message: JsonMessage, transaction: ProfileSession
    ) -> str | None:
        if record.state == OFFERED:
            await record.update(transaction, cred_request=message.content, state=REQUESTED)
            return REQUESTED
        return REQUESTED if record.state in {REQUESTED, ISSUED} else None


class AcknowledgementHandler(_Answer):
    """Takes an acknowledgement of what was issued, and of nothing else."""

    async def take(
        self,
        record: ExchangeRecord,
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
