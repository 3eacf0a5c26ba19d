"""What a host states of itself with each request, for the wallet to look it up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.didcomm import JsonMessage
from agent.domain.ports.connections import ConnectionId, Connections
from agent.host_statements import HostStatements
from signed_documents.host_statements import HOST


class SignedRequests:
    """Signs requests as this organisation, each for the one connection that it goes over."""

    def __init__(self, connections: Connections, host: HostStatements) -> None:
        self._connections = connections
        self._host = host

    async def sign(
        self, message: JsonMessage, asked: Mapping[str, Any], to: ConnectionId, *, until: datetime
    ) -> None:
        """Add the statement to `message`; `asked` is what it asks, by the formats' names on the wire."""
        ends = await self._connections.dids(to)
        purpose = str(message.content["comment"])
        statement = await self._host.of_request(message.thread, purpose, asked, ends, until=until)
        if statement is not None:
            message.content[f"~{HOST}"] = statement
