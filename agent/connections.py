"""Connections as ACA-Py makes them: out-of-band invitations (RFC 0434) and DID exchange (RFC 0023)."""

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.out_of_band.v1_0.manager import OutOfBandManager
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import HSProto
from acapy_agent.storage.error import StorageNotFoundError

from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.connections import ConnectionDids, ConnectionId, Connections, ConnectionState

GOAL_CODE = "staff-passport"
CONNECTED = "active"
"""How ACA-Py's events name RFC 0023's `completed`: by the older RFC 0160."""
_STATES = {
    "start": ConnectionState.INVITED,
    "invitation": ConnectionState.INVITED,
    "request": ConnectionState.REQUESTED,
    "response": ConnectionState.ANSWERED,
    "completed": ConnectionState.COMPLETED,
    "abandoned": ConnectionState.ABANDONED,
}
"""By the names of RFC 0023."""


class AcaPyConnections(Connections):
    """One wallet's connections. Nothing is accepted by itself: each request waits for our word."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def invite(self, goal: str) -> ConnectionId:
        """Make an invitation that the first wallet uses up."""
        record = await OutOfBandManager(self._profile).create_invitation(
            hs_protos=[HSProto.DIDEX_1_1],
            auto_accept=False,
            multi_use=False,
            goal=goal,
            goal_code=GOAL_CODE,
        )
        async with self._profile.session() as session:
            connection = await ConnRecord.retrieve_by_invitation_msg_id(
                session, str(record.invi_msg_id), ConnRecord.Role.REQUESTER.rfc23
            )
        if connection is None:
            raise Unavailable("The invitation could not be made.", code="invitation_unavailable")
        return ConnectionId(connection.connection_id)

    async def invitation_url(self, connection: ConnectionId) -> str:
        """The link that also stands in the QR code."""
        record = await self._record(connection)
        try:
            async with self._profile.session() as session:
                invitation = await record.retrieve_invitation(session)
        except StorageNotFoundError as error:
            raise NotFound("There is no invitation any more.") from error
        return str(invitation.to_url())

    async def state(self, connection: ConnectionId) -> ConnectionState:
        """Where the connection stands."""
        try:
            record = await self._record(connection)
        except NotFound:
            return ConnectionState.ABANDONED
        return _STATES[ConnRecord.State.get(record.state).rfc23]

    async def accept(self, connection: ConnectionId) -> None:
        """Send the DID exchange response."""
        record = await self._record(connection)
        response = await DIDXManager(self._profile).create_response(record)
        await self._profile.inject(BaseResponder).send_reply(response, connection_id=record.connection_id)

    async def refuse(self, connection: ConnectionId) -> None:
        """Abandon the exchange, and say so to the wallet."""
        record = await self._record(connection)
        report = await DIDXManager(self._profile).reject(record, reason="This invitation is no longer valid.")
        await self._profile.inject(BaseResponder).send_reply(report, connection_id=record.connection_id)

    async def dids(self, connection: ConnectionId) -> ConnectionDids:
        """The DIDs that both ends use with each other alone."""
        record = await self._record(connection)
        if not record.is_ready or not record.my_did or not record.their_did:
            raise Conflict("The connection is not complete.", code="not_connected")
        return ConnectionDids(record.my_did, record.their_did)

    async def tell(self, connection: ConnectionId, sentence: str) -> None:
        """Send a basic message."""
        await self._profile.inject(BaseResponder).send(
            BasicMessage(content=sentence), connection_id=connection
        )

    async def end(self, connection: ConnectionId) -> None:
        """Delete the record: messages from a connection we do not know are dropped."""
        try:
            record = await self._record(connection)
        except NotFound:
            return
        async with self._profile.session() as session:
            await record.delete_record(session)

    async def _record(self, connection: ConnectionId) -> ConnRecord:
        try:
            async with self._profile.session() as session:
                return await ConnRecord.retrieve_by_id(session, connection)
        except StorageNotFoundError as error:
            raise NotFound("There is no such connection.") from error
