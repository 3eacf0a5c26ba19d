"""A credential request as it arrives: kept for us to judge, once, and looked at by nobody before."""

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.issue_credential.v2_0.message_types import CRED_20_REQUEST
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import (
    V20CredRequest,
    V20CredRequestSchema,
)
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.storage.error import StorageNotFoundError

from agent.domain.credentials import CredentialExchangeId
from agent.issuer.service import EmploymentIssuance

_ASKED_BEFORE = (V20CredExRecord.STATE_REQUEST_RECEIVED, V20CredExRecord.STATE_ISSUED)


class RequestHandler(BaseHandler):
    """Takes the first request on a thread.

    ACA-Py's own handler takes a later one too, in place of what was judged, and forgets what was signed. A
    wallet that asks again did not get our answer, so that it is given again.
    """

    async def handle(self, context: RequestContext, _responder: BaseResponder) -> None:
        """Keep the message with the offer that it answers, if that one waits."""
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("A request came over no connection that is ready")
        if (exchange := await self._take(context, connection.connection_id)) is not None:
            profile: Profile = context.profile
            await profile.inject(EmploymentIssuance).issue(exchange)

    async def _take(self, context: RequestContext, connection: str) -> CredentialExchangeId | None:
        """Keep it, and let the record's change tell of it; the exchange, if it was asked for before."""
        async with context.profile.transaction() as transaction:
            try:
                record = await V20CredExRecord.retrieve_by_tag_filter(
                    transaction,
                    {"thread_id": context.message._thread_id},  # noqa: SLF001  # ACA-Py has no public name
                    {"role": V20CredExRecord.ROLE_ISSUER, "connection_id": connection},
                    for_update=True,
                )
            except StorageNotFoundError as error:
                raise HandlerException("A request came for nothing that was offered") from error
            if record.state == V20CredExRecord.STATE_OFFER_SENT:
                record.cred_request = context.message
                record.state = V20CredExRecord.STATE_REQUEST_RECEIVED
                await record.save(transaction, reason="a request came")
                await transaction.commit()
                return None
        return CredentialExchangeId(record.cred_ex_id) if record.state in _ASKED_BEFORE else None


class Request(V20CredRequest):
    """ACA-Py's request, handled here."""

    class Meta(V20CredRequest.Meta):
        """What ACA-Py looks up by name in this module."""

        handler_class = "RequestHandler"
        schema_class = "RequestSchema"


class RequestSchema(V20CredRequestSchema):
    """A `Request` as it is sent."""

    class Meta(V20CredRequestSchema.Meta):
        """What it is read into."""

        model_class = Request


MESSAGE_TYPES = DIDCommPrefix.qualify_all({CRED_20_REQUEST: Request})
"""To be registered in place of ACA-Py's own."""
