"""What comes from organisations' agents over DIDComm, and what is answered."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, cast

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.base_handler import BaseHandler, HandlerException
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.storage.error import StorageNotFoundError
from pydantic import ValidationError

from agent.didcomm import JsonMessage
from agent.domain.errors import Conflict
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.operator import OrganisationLink
from agent.operator.requests import ToldApplication
from agent.operator.service import Applications
from agent.registration_protocol import APPLICATION, ENQUIRY, MOST_BYTES, STATUS, TRUST_REQUEST

type Json = dict[str, Any]


class AcaPyOrganisationLink(OrganisationLink):
    """The operator's wallet's connections."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        try:
            async with self._profile.session() as session:
                record = await ConnRecord.retrieve_by_id(session, connection)
        except StorageNotFoundError as error:
            raise _not_connected() from error
        if not record.is_ready:
            raise _not_connected()
        message = JsonMessage.new(kind, dict(content))
        await self._profile.inject(BaseResponder).send(message, connection_id=connection)


class _AnsweringHandler(BaseHandler):
    """Answers a message of an organisation with how it stands."""

    @abstractmethod
    async def take(self, applications: Applications, connection: ConnectionId, content: Json) -> Json:
        """What to answer."""

    async def handle(self, context: RequestContext, responder: BaseResponder) -> None:
        connection = context.connection_record
        if connection is None or not context.connection_ready:
            raise HandlerException("An organisation's message came over no connection that is ready")
        message = cast("JsonMessage", context.message)
        if len(json.dumps(message.content)) > MOST_BYTES:
            raise HandlerException("An organisation's message is too long")
        applications = context.profile.inject(Applications)
        own = ConnectionId(connection.connection_id)
        try:
            told = await self.take(applications, own, message.content)
        except Exception as error:  # noqa: BLE001  # none of them is for the log: what was sent may be in it
            code = getattr(error, "code", type(error).__name__)
            raise HandlerException(f"A message about registration was not taken: {code}") from None
        answer = JsonMessage.new(STATUS, told, thread=message.thread)
        await responder.send(answer, connection_id=own)


class ApplicationHandler(_AnsweringHandler):
    """Takes an application that has the form of one."""

    async def take(self, applications: Applications, connection: ConnectionId, content: Json) -> Json:
        try:
            told = ToldApplication.model_validate_json(json.dumps(content.get("application")))
        except ValidationError:
            # Not the error: it has what was sent in it.
            raise HandlerException("An application does not have the form of one") from None
        return await applications.applied(connection, told.model_dump(mode="json"))


class EnquiryHandler(_AnsweringHandler):
    """Says how an organisation stands."""

    async def take(self, applications: Applications, connection: ConnectionId, _content: Json) -> Json:
        return await applications.enquired(connection)


class TrustRequestHandler(_AnsweringHandler):
    """Takes a request for the trust list's entry."""

    async def take(self, applications: Applications, connection: ConnectionId, content: Json) -> Json:
        return await applications.trust_requested(connection, content.get("statement"))


class Application(JsonMessage):
    """An organisation says who it is."""

    handler = ApplicationHandler


class Enquiry(JsonMessage):
    """An organisation asks how it stands."""

    handler = EnquiryHandler


class TrustRequest(JsonMessage):
    """An organisation asks for its entry."""

    handler = TrustRequestHandler


MESSAGE_TYPES = DIDCommPrefix.qualify_all(
    {APPLICATION: Application, ENQUIRY: Enquiry, TRUST_REQUEST: TrustRequest}
)
"""To be registered with ACA-Py."""


def _not_connected() -> Conflict:
    return Conflict("The organisation is not connected.", code="not_connected")
