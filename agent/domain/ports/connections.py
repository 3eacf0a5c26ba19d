"""Secure connections to people's wallets."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from agent.domain.credentials import W3cDataModel

ConnectionId = NewType("ConnectionId", str)


@dataclass(frozen=True, slots=True)
class ConnectionDids:
    """Both ends of a connection."""

    ours: str
    theirs: str


class ConnectionState(StrEnum):
    """States of RFC 0023 that matter to a use case."""

    INVITED = "invited"
    REQUESTED = "requested"
    ANSWERED = "answered"  # we accepted; the wallet has not completed it, and nothing is ours to do
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Connections(ABC):
    """Makes invitations for one wallet each, and decides who may take one up."""

    @abstractmethod
    async def invite(self, goal: str) -> ConnectionId:
        """A single-use out-of-band invitation (RFC 0434); `goal` tells the person what it is for."""

    @abstractmethod
    async def invitation_url(self, connection: ConnectionId, *, until: datetime) -> str:
        """The invitation as a link, which says until when this organisation invites by it.

        Raises `NotFound` once it is gone.
        """

    @abstractmethod
    async def state(self, connection: ConnectionId) -> ConnectionState:
        """Where the connection stands; a connection that is gone is `ABANDONED`."""

    @abstractmethod
    async def accept(self, connection: ConnectionId) -> None:
        """Answer the wallet that took up the invitation."""

    @abstractmethod
    async def refuse(self, connection: ConnectionId) -> None:
        """Turn away the wallet that took up the invitation."""

    @abstractmethod
    async def dids(self, connection: ConnectionId) -> ConnectionDids:
        """Both ends as they met, whatever came later. Raises `Conflict` while the connection is not complete.

        Ours was chosen before the invitation was shown, and shown to no one before theirs had come.
        """

    @abstractmethod
    async def ask_what_it_binds(self, connection: ConnectionId) -> None:
        """Ask the wallet whether it binds W3C credentials to its holder (RFC 0557); do not wait."""

    @abstractmethod
    async def w3c_data_models(self, connection: ConnectionId) -> frozenset[W3cDataModel]:
        """Those that the wallet said it binds; none when it does not answer in a moment."""

    @abstractmethod
    async def tell(self, connection: ConnectionId, sentence: str) -> None:
        """Show the person a sentence, as any wallet can (RFC 0095)."""

    @abstractmethod
    async def end(self, connection: ConnectionId) -> None:
        """Forget the connection; nothing that comes over it is heard any more."""
