"""What this organisation states of itself when it invites a person, or asks them to show something."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.domain.ports.connections import ConnectionDids
from agent.domain.ports.identity import OrganisationIdentity, StatementSigner
from signed_documents.host_statements import (
    ASKS,
    INVITES,
    Ends,
    condensed,
    said_of_invitation,
    said_of_request,
)

type Json = dict[str, Any]


class HostStatements:
    """Signs with the organisation's DID. One that has none yet states nothing, and is not believed."""

    def __init__(self, identity: OrganisationIdentity, statements: StatementSigner) -> None:
        self._identity = identity
        self._statements = statements

    async def of_invitation(self, invitation: Json, *, until: datetime) -> list[str] | None:
        """That we invite, by this very invitation; condensed, as it stands there."""
        did = await self._identity.did()
        if did is None:
            return None
        said = said_of_invitation(invitation, issuer=did, expires=until)
        return condensed(await self._statements.state(INVITES, said))

    async def of_request(
        self,
        thread: str,
        purpose: str,
        asked: Mapping[str, Any],
        connection: ConnectionDids,
        *,
        until: datetime,
    ) -> Json | None:
        """That we ask for this, over this connection."""
        did = await self._identity.did()
        if did is None:
            return None
        ends = Ends(connection.ours, connection.theirs)
        said = said_of_request(thread, purpose, asked, ends, issuer=did, expires=until)
        return await self._statements.state(ASKS, said)
