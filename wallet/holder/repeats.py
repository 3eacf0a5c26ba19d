"""What an issuer sends a second time, because an answer was lost, is answered as it was the first time.

ACA-Py takes a repeated offer for a new one, and stores a repeated credential once more.
"""

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_issue_handler import V20CredIssueHandler
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_offer_handler import V20CredOfferHandler
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_ack import V20CredAck
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.error import StorageNotFoundError

from wallet.holder.decisions import OneAtATime
from wallet.holder.offers import declined_with, refusal


class OfferHandler(V20CredOfferHandler):
    """An offer that was accepted or declined stays so: the answer goes out again."""

    async def handle(self, context: RequestContext, responder: BaseResponder) -> None:
        """Answer again, or keep a new offer for the person."""
        async with context.inject(OneAtATime):
            record = await _exchange(context)
            if record is None or record.state == V20CredExRecord.STATE_OFFER_RECEIVED:
                await super().handle(context, responder)
            elif record.state == V20CredExRecord.STATE_REQUEST_SENT:
                record.cred_request.assign_thread_id(record.thread_id)
                await responder.send_reply(record.cred_request)
            elif record.state == V20CredExRecord.STATE_DONE:
                await responder.send_reply(_acknowledgement(record))
            elif sentence := declined_with(record):
                await responder.send_reply(refusal(sentence, record))


class CredentialHandler(V20CredIssueHandler):
    """A credential that is kept is acknowledged again, and not kept twice."""

    async def handle(self, context: RequestContext, responder: BaseResponder) -> None:
        """Acknowledge again, or store what came."""
        async with context.inject(OneAtATime):
            record = await _exchange(context)
            if record is not None and record.state == V20CredExRecord.STATE_DONE:
                await responder.send_reply(_acknowledgement(record))
            else:
                await super().handle(context, responder)


def answer_repeats() -> None:
    """Have both messages handled here: ACA-Py has no other place for a plugin to step in."""
    handlers: tuple[tuple[type, type[BaseHandler]], ...] = (
        (V20CredOffer, OfferHandler),
        (V20CredIssue, CredentialHandler),
    )
    for message, handler in handlers:
        message.Meta.handler_class = f"{handler.__module__}.{handler.__qualname__}"  # type: ignore[attr-defined]


async def _exchange(context: RequestContext) -> V20CredExRecord | None:
    """The exchange that a message belongs to, if this wallet knows it on this connection."""
    connection = context.connection_record
    if connection is None:
        return None
    profile: Profile = context.profile
    try:
        async with profile.session() as session:
            return await V20CredExRecord.retrieve_by_conn_and_thread(
                session,
                connection.connection_id,
                context.message._thread_id,  # noqa: SLF001  # ACA-Py has no public name for it
                role=V20CredExRecord.ROLE_HOLDER,
            )
    except StorageNotFoundError:
        return None


def _acknowledgement(record: V20CredExRecord) -> V20CredAck:
    message = V20CredAck()
    message.assign_thread_id(record.thread_id)
    return message
