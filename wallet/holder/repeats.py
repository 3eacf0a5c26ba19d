"""What an issuer sends a second time, because an answer was lost, is answered as it was the first time.

ACA-Py takes a repeated offer for a new one, and stores a repeated credential once more.
"""

from typing import cast

from acapy_agent.anoncreds.holder import AnonCredsHolderError
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.agent_message import AgentMessage
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.issue_credential.v2_0 import problem_report_for_record
from acapy_agent.protocols.issue_credential.v2_0.handlers.cred_offer_handler import V20CredOfferHandler
from acapy_agent.protocols.issue_credential.v2_0.message_types import CRED_20_ISSUE, CRED_20_OFFER
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_ack import V20CredAck
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue, V20CredIssueSchema
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer, V20CredOfferSchema
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_problem_report import ProblemReportReason
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.error import StorageNotFoundError

from wallet.holder.decisions import OneAtATime
from wallet.holder.offers import declined_with, refusal
from wallet.holder.receiving import keep_and_acknowledge
from wallet.holder.registry import RegistryUnavailable

_WAITING = (V20CredExRecord.STATE_REQUEST_SENT, V20CredExRecord.STATE_CREDENTIAL_RECEIVED)


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


class CredentialHandler(BaseHandler):
    """A credential that is kept is acknowledged again, and not kept twice."""

    async def handle(self, context: RequestContext, responder: BaseResponder) -> None:
        """Acknowledge again, or keep what came for a request that waits for it."""
        async with context.inject(OneAtATime):
            record = await _exchange(context)
            if record is None:
                raise HandlerException("A credential came that nobody asked for")
            if record.state == V20CredExRecord.STATE_DONE:
                await responder.send_reply(_acknowledgement(record))
            elif record.state in _WAITING:
                await self._take(context.profile, record, context.message, responder)

    async def _take(
        self, profile: Profile, record: V20CredExRecord, came: AgentMessage, responder: BaseResponder
    ) -> None:
        """Keep it; or, while the registry does not answer, leave it for later; or tell the issuer no."""
        record.cred_issue = cast("V20CredIssue", came)
        record.state = V20CredExRecord.STATE_CREDENTIAL_RECEIVED
        async with profile.session() as session:
            await record.save(session, reason="a credential came")
        try:
            await keep_and_acknowledge(profile, record)
        except RegistryUnavailable:
            self._logger.warning("A credential waits: the registry does not answer")
            record.error_msg = "It is kept once the registry answers."
            async with profile.session() as session:
                await record.save(session, reason="the registry does not answer")
        except (BaseError, AnonCredsHolderError) as error:
            self._logger.warning("A credential cannot be kept: %s", type(error).__qualname__)
            async with profile.session() as session:
                await record.save_error_state(session, reason="it could not be kept")
            await responder.send_reply(
                problem_report_for_record(record, ProblemReportReason.ISSUANCE_ABANDONED.value)
            )


class Offer(V20CredOffer):
    """ACA-Py's offer, handled here."""

    class Meta(V20CredOffer.Meta):
        """What ACA-Py looks up by name in this module."""

        handler_class = "OfferHandler"
        schema_class = "OfferSchema"


class OfferSchema(V20CredOfferSchema):
    """An `Offer` as it is sent."""

    class Meta(V20CredOfferSchema.Meta):
        """What it is read into."""

        model_class = Offer


class Credential(V20CredIssue):
    """ACA-Py's issued credential, handled here."""

    class Meta(V20CredIssue.Meta):
        """What ACA-Py looks up by name in this module."""

        handler_class = "CredentialHandler"
        schema_class = "CredentialSchema"


class CredentialSchema(V20CredIssueSchema):
    """A `Credential` as it is sent."""

    class Meta(V20CredIssueSchema.Meta):
        """What it is read into."""

        model_class = Credential


MESSAGE_TYPES = DIDCommPrefix.qualify_all({CRED_20_OFFER: Offer, CRED_20_ISSUE: Credential})
"""To be registered in place of ACA-Py's own."""


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
