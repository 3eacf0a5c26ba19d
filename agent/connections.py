"""Connections as ACA-Py makes them: out-of-band invitations (RFC 0434) and DID exchange (RFC 0023)."""

import asyncio
import json
from datetime import datetime
from typing import Any

from acapy_agent.connections.base_manager import BaseConnectionManager
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.didexchange.v1_0.manager import DIDXManager
from acapy_agent.protocols.didexchange.v1_0.message_types import ARIES_PROTOCOL
from acapy_agent.protocols.discovery.v2_0.messages.queries import Queries, QueryItem
from acapy_agent.protocols.discovery.v2_0.models.discovery_record import V20DiscoveryExchangeRecord
from acapy_agent.protocols.out_of_band.v1_0.manager import OutOfBandManager
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import HSProto
from acapy_agent.resolver.default.peer4 import PeerDID4Resolver
from acapy_agent.storage.base import BaseStorage
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.storage.record import StorageRecord

from agent.comparison_code import COMMITMENT, commitment
from agent.domain.credentials import W3cDataModel
from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.connections import ConnectionDids, ConnectionId, Connections, ConnectionState
from agent.domain.ports.identity import OrganisationIdentity, StatementSigner
from agent.host_statements import HostStatements
from agent.wiring import Inject
from signed_documents.host_statements import HOST
from signed_documents.peer_dids import short_form

GOAL_CODE = "staff-passport"
W3C_GOAL_CODES = {
    "staff-passport.w3c-holder-binding": W3cDataModel.V1_1,
    "staff-passport.w3c-data-integrity": W3cDataModel.V2_0,
}
"""By which a wallet says that it adds its holder's DID when it requests a W3C credential of a data model."""
_LOOKS = 40
_LOOKS_EVERY_SECONDS = 0.05
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

    def __init__(self, profile: Profile, host: HostStatements) -> None:
        self._profile = profile
        self._host = host

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
        await self._have_did(connection)
        return ConnectionId(connection.connection_id)

    async def _have_did(self, connection: ConnRecord) -> None:
        """Make the DID that will answer this invitation, so that the invitation can commit to it."""
        endpoint = self._profile.settings["default_endpoint"]
        connection.my_did = (await DIDXManager(self._profile).create_did_peer_4([endpoint])).did
        async with self._profile.session() as session:
            await connection.save(session, reason="the DID that will answer", event=False)

    async def invitation_url(self, connection: ConnectionId, *, until: datetime) -> str:
        """The link that also stands in the QR code. It commits to our DID, and says who we are."""
        record = await self._record(connection)
        try:
            async with self._profile.session() as session:
                invitation = await record.retrieve_invitation(session)
        except StorageNotFoundError as error:
            raise NotFound("There is no invitation any more.") from error
        if record.my_did:
            invitation._decorators[COMMITMENT] = commitment(record.my_did)  # noqa: SLF001  # ACA-Py has no other way
        if statement := await self._host.of_invitation(json.loads(invitation.to_json()), until=until):
            invitation._decorators[HOST] = statement  # noqa: SLF001
        return str(invitation.to_url(self._profile.settings.get("invite_base_url")))

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
        if not _reads_did_peer_4(record):
            record.my_did = (
                None  # ACA-Py then makes one of the kind that the wallet came with; no code fits it
            )
        response = await DIDXManager(self._profile).create_response(record)
        await self._profile.inject(BaseResponder).send_reply(response, connection_id=record.connection_id)

    async def refuse(self, connection: ConnectionId) -> None:
        """Abandon the exchange, and say so to the wallet."""
        record = await self._record(connection)
        report = await DIDXManager(self._profile).reject(record, reason="This invitation is no longer valid.")
        await self._profile.inject(BaseResponder).send_reply(report, connection_id=record.connection_id)

    async def dids(self, connection: ConnectionId) -> ConnectionDids:
        """The DIDs by which both ends met."""
        record = await self._record(connection)
        if not record.is_ready or not record.my_did:
            raise Conflict("The connection is not complete.", code="not_connected")
        async with self._profile.session() as session:
            request = await record.retrieve_request(session)
        return ConnectionDids(record.my_did, str(request.did))

    async def ask_what_it_binds(self, connection: ConnectionId) -> None:
        """Send one query. ACA-Py's own manager would wait for the answer."""
        queries = Queries(
            queries=[QueryItem(feature_type="goal-code", match=code) for code in W3C_GOAL_CODES]
        )
        record = V20DiscoveryExchangeRecord(connection_id=connection, queries_msg=queries)
        async with self._profile.session() as session:
            if await V20DiscoveryExchangeRecord.exists_for_connection_id(session, connection):
                return
            await record.save(session, reason="ask what the wallet binds")
        queries.assign_thread_id(record.discovery_exchange_id)
        await self._profile.inject(BaseResponder).send(queries, connection_id=connection)

    async def w3c_data_models(self, connection: ConnectionId) -> frozenset[W3cDataModel]:
        """Look for the answer, and ask first if that was not done."""
        await self.ask_what_it_binds(connection)
        for _ in range(_LOOKS):
            if (disclosed := await self._disclosed(connection)) is not None:
                return frozenset(model for code, model in W3C_GOAL_CODES.items() if code in disclosed)
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)
        return frozenset()

    async def _disclosed(self, connection: ConnectionId) -> frozenset[str] | None:
        async with self._profile.session() as session:
            record = await V20DiscoveryExchangeRecord.retrieve_by_connection_id(session, connection)
        disclosures: Any = record.disclosures  # typed as always there
        return disclosures and frozenset(str(each.get("id")) for each in disclosures.disclosures)

    async def tell(self, connection: ConnectionId, sentence: str) -> None:
        """Send a basic message."""
        await self._profile.inject(BaseResponder).send(
            BasicMessage(content=sentence), connection_id=connection
        )

    async def end(self, connection: ConnectionId) -> None:
        """Delete the record, and all that ACA-Py keeps beside it of the other end.

        Messages from a connection that we do not know are dropped.
        """
        try:
            record = await self._record(connection)
        except NotFound:
            return
        await self._forget_what_it_disclosed(connection)
        if record.their_did:
            await self._forget_did(record.their_did)
        async with self._profile.session() as session:
            await record.delete_record(session)

    async def _forget_did(self, did: str) -> None:
        """Its keys, by which messages are told whose they are, and the document that it carried or attached.

        ACA-Py keeps a did:peer:4 with its document by its short form, and the keys by the long one.
        """
        manager = BaseConnectionManager(self._profile)
        document = await self._carried(did)
        for form in {did, short_form(did), document.value if document else did}:
            await manager.remove_keys_for_did(form)
            async with self._profile.session() as session:
                storage = session.inject(BaseStorage)
                await storage.delete_all_records(BaseConnectionManager.RECORD_TYPE_DID_DOC, {"did": form})
        if document is not None:  # last: it alone leads from the short form to the keys
            async with self._profile.session() as session:
                await session.inject(BaseStorage).delete_record(document)

    async def _carried(self, did: str) -> StorageRecord | None:
        async with self._profile.session() as session:
            try:
                known: StorageRecord = await session.inject(BaseStorage).get_record(
                    PeerDID4Resolver.RECORD_TYPE, short_form(did)
                )
            except StorageNotFoundError:
                return None
            return known

    async def _forget_what_it_disclosed(self, connection: ConnectionId) -> None:
        async with self._profile.session() as session:
            if await V20DiscoveryExchangeRecord.exists_for_connection_id(session, connection):
                known = await V20DiscoveryExchangeRecord.retrieve_by_connection_id(session, connection)
                await known.delete_record(session)

    async def _record(self, connection: ConnectionId) -> ConnRecord:
        try:
            async with self._profile.session() as session:
                return await ConnRecord.retrieve_by_id(session, connection)
        except StorageNotFoundError as error:
            raise NotFound("There is no such connection.") from error


def connections_of(own: Inject) -> AcaPyConnections:
    """The connections of the wallet that asks."""
    return AcaPyConnections(own(Profile), HostStatements(own(OrganisationIdentity), own(StatementSigner)))


def _reads_did_peer_4(wallet: ConnRecord) -> bool:
    """Whether ACA-Py, too, would answer the wallet that asks to connect with a DID of this kind."""
    came_with = wallet.their_did or ""
    return wallet.connection_protocol == ARIES_PROTOCOL and came_with.startswith(("did:peer:1", "did:peer:4"))
