"""A presentation as it arrives: kept for us to check, once, and looked at by nobody before."""

from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.present_proof.v2_0.message_types import PRES_20
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres, V20PresSchema
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageNotFoundError


class PresentationHandler(BaseHandler):
    """Takes the first presentation on a thread.

    ACA-Py's own handler takes a later one too, in place of what was judged; and what does not fit its
    reading of the request it leaves without a word, so that nobody learns that something came.
    """

    async def handle(self, context: RequestContext, _responder: BaseResponder) -> None:
        """Keep the message with the request that it answers, if that one waits."""
        if context.connection_record is None or not context.connection_ready:
            raise HandlerException("A presentation came over no connection that is ready")
        async with context.profile.transaction() as transaction:
            try:
                record = await V20PresExRecord.retrieve_by_tag_filter(
                    transaction,
                    {"thread_id": context.message._thread_id},  # noqa: SLF001  # ACA-Py has no public name
                    {
                        "role": V20PresExRecord.ROLE_VERIFIER,
                        "connection_id": context.connection_record.connection_id,
                    },
                    for_update=True,
                )
            except StorageNotFoundError as error:
                raise HandlerException("A presentation came that nobody asked for") from error
            if record.state != V20PresExRecord.STATE_REQUEST_SENT:
                return
            record.pres = context.message
            record.state = V20PresExRecord.STATE_PRESENTATION_RECEIVED
            await record.save(transaction, reason="a presentation came")
            await transaction.commit()


class Presentation(V20Pres):
    """ACA-Py's presentation, handled here."""

    class Meta(V20Pres.Meta):
        """What ACA-Py looks up by name in this module."""

        handler_class = "PresentationHandler"
        schema_class = "PresentationSchema"


class PresentationSchema(V20PresSchema):
    """A `Presentation` as it is sent."""

    class Meta(V20PresSchema.Meta):
        """What it is read into."""

        model_class = Presentation


MESSAGE_TYPES = DIDCommPrefix.qualify_all({PRES_20: Presentation})
"""To be registered in place of ACA-Py's own."""
