"""Connections: made from an invitation the person was given (RFC 0434), by DID exchange (RFC 0023)."""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.models.base import BaseModelError
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.basicmessage.v1_0.messages.basicmessage import BasicMessage
from acapy_agent.protocols.out_of_band.v1_0.manager import OutOfBandManager
from acapy_agent.protocols.out_of_band.v1_0.messages.invitation import InvitationMessage
from acapy_agent.storage.error import StorageNotFoundError

from signed_documents.outbound_guard import ForbiddenAddress
from wallet.comparison import COMMITMENT, comparison_code
from wallet.holder.hosts import Host, Hosts, Standing
from wallet.holder.problems import InvalidInput, NotFound, NotPossible
from wallet.outbound import require_allowed

COMPLETED = ConnRecord.State.COMPLETED.rfc160
_HOST = "staff_passport_host"
"""Under which name ACA-Py keeps, beside a connection, who invited."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One other agent. `label` is only what it calls itself; `state` is RFC 0023's for the requester.

    `comparison_code` stands there once both DIDs are final, if the invitation committed to its sender's. If
    it did not, `sender_unproven`: who stands in between would pass on whatever code is typed. `host` is who
    invited, as it was known then.
    """

    id: str
    state: str
    label: str | None
    my_did: str | None
    their_did: str | None
    comparison_code: str | None
    sender_unproven: bool
    host: Host | None
    error: str | None
    created_at: str


class Connections:
    """The connections of one wallet."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def who_invites(self, invitation_url: str) -> Host:
        """Who made the invitation in a link or QR code, as far as it proves that. Nothing is sent to them.

        Raises `InvalidInput` for what is not an invitation to connect.
        """
        _invitation(invitation_url)
        return await self._profile.inject(Hosts).who_invites(_as_sent(invitation_url))

    async def accept(self, invitation_url: str) -> tuple[str, Host]:
        """Answer the invitation that stands in a link or QR code; returns the connection's id, and its host.

        Raises `InvalidInput` for what is not an invitation to connect, `NotPossible` when it cannot be used,
        and when who made it does not prove to be registered, `Unavailable` when nobody can say; nothing was
        sent then.
        """
        invitation = _invitation(invitation_url)
        hosts = self._profile.inject(Hosts)
        host = await hosts.who_invites(_as_sent(invitation_url))
        hosts.require_welcome(host)
        try:
            await require_allowed(invitation, self._profile)
            record = await OutOfBandManager(self._profile).receive_invitation(invitation, auto_accept=True)
        except (ForbiddenAddress, ValueError) as error:
            sentence = "This invitation leads to an address that is not public."
            raise InvalidInput("endpoint_not_allowed", sentence) from error
        except BaseError as error:
            raise NotPossible("invitation_unusable", "This invitation cannot be used.") from error
        await self._note(str(record.connection_id), host)
        return str(record.connection_id), host

    async def all(self) -> list[Connection]:
        """Every connection, the oldest first."""
        async with self._profile.session() as session:
            records = await ConnRecord.query(session)
        ordered = sorted(records, key=lambda record: record.created_at)
        return [await self._shown(record) for record in ordered]

    async def one(self, identifier: str) -> Connection:
        """Raises `NotFound`."""
        return await self._shown(await self._record(identifier))

    async def send(self, identifier: str, content: str) -> None:
        """Send a basic message (RFC 0095). Raises `NotFound`, or `NotPossible` while not connected."""
        record = await self._record(identifier)
        if not record.is_ready:
            raise NotPossible("not_connected", "This connection is not complete.")
        message = BasicMessage(content=content)
        await self._profile.inject(BaseResponder).send(message, connection_id=record.connection_id)

    async def _note(self, identifier: str, host: Host) -> None:
        async with self._profile.session() as session:
            record = await ConnRecord.retrieve_by_id(session, identifier)
            await record.metadata_set(session, _HOST, asdict(host))

    async def _host(self, record: ConnRecord) -> Host | None:
        async with self._profile.session() as session:
            noted = await record.metadata_get(session, _HOST)
        if noted is None:
            return None
        may_ask = tuple(noted["may_ask"])
        return Host(**{**noted, "standing": Standing(noted["standing"]), "may_ask": may_ask})

    async def _shown(self, record: ConnRecord) -> Connection:
        code = await self._code(record)
        return Connection(
            id=record.connection_id,
            state=record.rfc23_state,
            label=record.their_label,
            my_did=record.my_did,
            their_did=record.their_did,
            comparison_code=code,
            sender_unproven=record.state == COMPLETED and code is None,
            host=await self._host(record),
            error=record.error_msg,
            created_at=str(record.created_at),
        )

    async def _code(self, record: ConnRecord) -> str | None:
        if record.state != COMPLETED or not record.my_did or not record.their_did:
            return None
        async with self._profile.session() as session:
            invitation = await record.retrieve_invitation(session)
        committed = invitation._decorators.get(COMMITMENT)  # noqa: SLF001  # ACA-Py shows them no other way
        return comparison_code(committed, inviter=record.their_did, invitee=record.my_did)

    async def _record(self, identifier: str) -> ConnRecord:
        try:
            async with self._profile.session() as session:
                return await ConnRecord.retrieve_by_id(session, identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such connection.") from error


def _as_sent(url: str) -> dict[str, Any]:
    """The invitation's JSON, in which nothing is left out that ACA-Py does not know."""
    text = parse_qs(urlsplit(url).query)["oob"][0]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def _invitation(url: str) -> InvitationMessage:
    unreadable = InvalidInput("not_an_invitation", "This is not an invitation to connect.")
    try:
        invitation = InvitationMessage.from_url(url)
    except (BaseModelError, ValueError) as error:
        raise unreadable from error
    if invitation is None or not invitation.handshake_protocols:
        raise unreadable
    return invitation
