"""Offering, issuing and revoking credentials over a connection."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.domain.credentials import (
    Claims,
    CredentialExchangeId,
    CredentialFormat,
    CredentialType,
    W3cDataModel,
)
from agent.domain.errors import StaffPassportError
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.status_lists import StatusEntryId


class CannotBeSigned(StaffPassportError):
    """What the wallet asked for can never be signed; trying again would only use up status entries."""

    code = "cannot_be_signed"


class ExchangeState(StrEnum):
    """States of RFC 0453 on the issuer's side, as far as a use case cares."""

    ABSENT = "absent"
    OFFERED = "offered"
    REQUESTED = "requested"
    ISSUED = "issued"
    DONE = "done"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where an AnonCreds credential's revocation stands: a registry's id, and an index used once."""

    registry: str
    index: int


@dataclass(frozen=True, slots=True)
class ShortLife:
    """What a W3C credential has in place of a status: the DID it is about, and when it ends by itself."""

    subject: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """What is offered: the same claims in each of `formats`, with their status at `status`.

    `data_model` is the one of the W3C format; `issued_at` has the day that the claims name. One with a
    `short_life` has no status, and is in W3C's format alone.
    """

    credential: CredentialType
    claims: Claims
    status: Sequence[StatusEntryId]
    formats: frozenset[CredentialFormat]
    data_model: W3cDataModel
    issued_at: datetime
    short_life: ShortLife | None = None


@dataclass(frozen=True, slots=True)
class CredentialProposal:
    """What a wallet proposes: a credential of ours, and the DID that it is to be about; else None."""

    connection: ConnectionId
    credential: CredentialType | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the protocol knows of one exchange; `note` is the wallet's own word when it ended it.

    `requested` are the formats that the wallet asked for, `subject` the DID to which it binds the W3C one,
    `offered` the claims that it was offered. `as_offered` says whether it asked for just what it was offered,
    but for that DID.
    """

    state: ExchangeState
    note: str | None = None
    requested: frozenset[CredentialFormat] = frozenset()
    subject: str | None = None
    as_offered: bool = True
    offered: Claims | None = None


class CredentialExchanges(ABC):
    """Speaks the issue-credential protocol under exchange ids that we choose."""

    @abstractmethod
    async def offer(self, exchange: CredentialExchangeId, to: ConnectionId, offer: CredentialOffer) -> None:
        """Make and send `offer`.

        Raises `Conflict` when this organisation has no definition for the type yet, `Refused` naming every
        term that would lose its meaning in JSON-LD.
        """

    @abstractmethod
    async def proposed(self, exchange: CredentialExchangeId) -> CredentialProposal:
        """What the wallet proposed. Raises `NotFound`."""

    @abstractmethod
    async def answer(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> None:
        """Answer the wallet's proposal with `offer`. Raises as `offer` does, and `NotFound`."""

    @abstractmethod
    async def look_up(self, exchange: CredentialExchangeId) -> Exchange:
        """The exchange as the protocol has it now."""

    @abstractmethod
    async def sign(self, exchange: CredentialExchangeId, *, subject: str | None) -> StatusEntry | None:
        """Sign what the wallet asked for. Nothing is sent yet. AnonCreds uses up a status entry of its own.

        `subject` is the DID that was judged: nothing is signed for another.

        Raises `CannotBeSigned` when it never can be, `Unavailable` when the registry does not answer.
        """

    @abstractmethod
    async def send(self, exchange: CredentialExchangeId) -> None:
        """Send our last word: the credential once it is signed, the offer until then.

        Sending it again does no harm. Raises `NotFound`.
        """

    @abstractmethod
    async def withdraw(self, exchange: CredentialExchangeId, code: str) -> None:
        """Tell the wallet that the offer no longer stands."""

    @abstractmethod
    async def erase(self, exchange: CredentialExchangeId) -> None:
        """Forget the exchange with all that was said in it; again does no harm."""

    @abstractmethod
    async def revoke(self, entry: StatusEntry) -> None:
        """Publish that the credential is revoked; doing it again does no harm."""


class CredentialDefinitions(ABC):
    """What an employing authority publishes before it can issue."""

    @abstractmethod
    async def publish_definition(self, credential: CredentialType) -> str:
        """Publish our definition, with revocation, on the national schema; its id. Idempotent."""
