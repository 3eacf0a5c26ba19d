"""The secure channel between an organisation and the service operator."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from agent.domain.ports.connections import ConnectionId
from agent.domain.workforce import OdsCode


class OperatorLink(ABC):
    """The organisation's end of it."""

    @abstractmethod
    async def take_up(self, invitation: str) -> ConnectionId:
        """Take up the operator's invitation; the connection is complete by and by.

        Raises `InvalidInput` for what is no invitation, `Conflict` for one that cannot be used.
        """

    @abstractmethod
    async def code(self, connection: ConnectionId) -> str | None:
        """The comparison code, to be read out when the operator calls back; None until there is one.

        There is none either over an invitation that does not commit to who answers it.
        """

    @abstractmethod
    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        """Send a message of a kind; nobody knows whether it arrives. Raises `Conflict` until complete."""


class OrganisationLink(ABC):
    """The operator's end of it."""

    @abstractmethod
    async def send(self, connection: ConnectionId, kind: str, content: Mapping[str, Any]) -> None:
        """Send a message of a kind; nobody knows whether it arrives. Raises `Conflict` until complete."""


class RegisteredOrganisations(ABC):
    """Who is registered, by their connection to the operator."""

    @abstractmethod
    async def at(self, connection: ConnectionId) -> OdsCode | None:
        """Which approved organisation is at the other end; None for one that is suspended, or nobody's."""
