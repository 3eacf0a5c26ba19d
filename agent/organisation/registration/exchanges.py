"""The connection to the operator, as ACA-Py makes it, and what comes over it."""

from collections.abc import Mapping
from typing import Any, cast

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.models.base import BaseModelError
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.out_of_band.v1_0.manager import OutOfBandManager
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import InvitationMessage
from acapy_agent.storage.error import StorageNotFoundError

from agent.comparison_code import COMMITMENT, commitment, comparison_code
from agent.didcomm import JsonMessage
from agent.domain.errors import Conflict, InvalidInput
from agent.domain.ports.connections import ConnectionDids, ConnectionId
from agent.domain.ports.operator import OperatorLink
from agent.organisation.registration.service import Registration
from agent.outbound import require_allowed
from agent.registration_protocol import OPERATOR_ALIAS, STATUS
from signed_documents.outbound_guard import ForbiddenAddress


class AcaPyOperatorLink(OperatorLink):
    """One wallet's connection to the operator."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def take_up(self, invitation: str) -> ConnectionId:
        try:
            found = InvitationMessage.from_url(invitation)
        except (BaseModelError, ValueError) as error:
            raise _not_an_invitation() from error
        if found is None or not found.handshake_protocols:
            raise _not_an_invitation()
        try:
            await require_allowed(found, self._profile)
            record = await OutOfBandManager(self._profile).receive_invitation(
                found, auto_accept=True, use_existing_connection=False, alias=OPERATOR_ALIAS
            )
        except (ForbiddenAddress, ValueError) as error:
            raise _not_allowed() from error
        except BaseError as error:
            raise Conflict("This invitation cannot be used.", code="invitation_unusable") from error
        return ConnectionId(str(record.connection_id))

    async def code(self, connection: ConnectionId) -> str | None:
        try:
            async with self._profile.session() as session:
                record = await ConnRecord.retrieve_by_id(session, connection)
                invitation = await record.retrieve_invitation(session)
        except StorageNotFoundError:
            return None
        if not record.is_ready or not record.my_did or not record.their_did:
            return None
        committed = invitation._decorators.get(COMMITMENT)  # noqa: SLF001  # ACA-Py shows them no other way
        if committed != commitment(record.their_did):
            return None
        return comparison_code(ConnectionDids(record.their_did, record.my_did))

    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        if await self.code(connection) is None:
            raise Conflict("The connection to the operator is not complete.", code="operator_not_connected")
        message = JsonMessage.new(kind, dict(content))
        await self._profile.inject(BaseResponder).send(message, connection_id=connection)


class StatusHandler(BaseHandler):
    """Takes what the operator says of us, over the connection to the operator alone."""

    async def handle(self, context: RequestContext, _responder: BaseResponder) -> None:
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("A status came over no connection that is ready")
        message = cast("JsonMessage", context.message)
        registration = context.profile.inject(Registration)
        try:
            await registration.status_came(ConnectionId(connection.connection_id), message.content)
        except Exception as error:  # noqa: BLE001  # none of them is for the log: what was sent may be in it
            code = getattr(error, "code", type(error).__name__)
            raise HandlerException(f"A status was not taken: {code}") from None


class Status(JsonMessage):
    """The operator says how we stand."""

    handler = StatusHandler


MESSAGE_TYPES = DIDCommPrefix.qualify_all({STATUS: Status})
"""To be registered with ACA-Py."""


def _not_an_invitation() -> InvalidInput:
    return InvalidInput("This is not the operator's invitation.", code="not_an_invitation")


def _not_allowed() -> InvalidInput:
    return InvalidInput(
        "This invitation leads to an address that is not public.", code="endpoint_not_allowed"
    )
