"""Asking a wallet for a presentation, and reading what it shows."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from agent.domain.credentials import Claims, CredentialType
from agent.domain.ports.connections import ConnectionId

PresentationRequestId = NewType("PresentationRequestId", str)


class PresentationState(StrEnum):
    """States of RFC 0454 on the verifier's side, as far as a use case cares."""

    ABSENT = "absent"
    REQUESTED = "requested"
    PRESENTED = "presented"
    VERIFIED = "verified"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class PresentationLookup:
    """What the protocol knows of one request; `note` is the wallet's own word when it ended it."""

    state: PresentationState
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """One credential as it was shown, before anything about its issuer is believed."""

    credential: CredentialType
    schema_id: str
    issuer_did: str
    claims: Claims
    proven_unrevoked: bool  # against the newest status list there was when we asked


@dataclass(frozen=True, slots=True)
class UnjudgedPresentation:
    """What a wallet showed, and whether its proofs hold; whether to accept it is another question."""

    proofs_hold: bool
    credentials: tuple[PresentedCredential, ...]


@dataclass(frozen=True, slots=True)
class AcceptedCredential:
    """One credential that was judged and accepted."""

    credential: CredentialType
    issuer_did: str
    claims: Claims


class Presentations(ABC):
    """Speaks the present-proof protocol under ids that we choose."""

    @abstractmethod
    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        purpose: str,
    ) -> None:
        """Ask for every claim of each of `types`, not revoked now, in one presentation."""

    @abstractmethod
    async def look_up(self, request: PresentationRequestId) -> PresentationLookup:
        """The request as the protocol has it now."""

    @abstractmethod
    async def check(self, request: PresentationRequestId) -> UnjudgedPresentation:
        """Check the proofs of what came. Raises `Unavailable` when what that needs does not answer."""

    @abstractmethod
    async def presented(self, request: PresentationRequestId) -> tuple[AcceptedCredential, ...]:
        """What an accepted presentation showed; nothing when it is no longer kept."""

    @abstractmethod
    async def abandon(self, request: PresentationRequestId, code: str) -> None:
        """Tell the wallet that an answer is no longer awaited."""
