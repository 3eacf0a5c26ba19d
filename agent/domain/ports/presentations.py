"""Asking a wallet for a presentation, and reading what it shows."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from agent.domain.credentials import Claims, CredentialFormat, CredentialType
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.status_lists import StatusEntryId

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


class ProofFault(StrEnum):
    """Why a presentation proves nothing."""

    INVALID = "proof_invalid"  # a signature or proof does not hold, or the form is not the one that was asked
    WRONG_CHALLENGE = "wrong_challenge"  # made for another request
    WRONG_DOMAIN = "wrong_domain"  # made for another host
    NOT_THE_SUBJECT = "presenter_not_subject"  # signed by somebody whom the credentials are not about
    HOLDERS_DIFFER = "holders_differ"  # the credentials are about different holders
    UNKNOWN_CONTEXT = "context_unknown"  # its terms mean what somebody else says
    UNKNOWN_ISSUER = "issuer_unknown"  # nobody looked at the proofs of a stranger


@dataclass(frozen=True, slots=True)
class ShownLife:
    """From when to when a short-lived credential holds, as its issuer signed it; without the end."""

    begins: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends - self.begins


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """One credential as it was shown, before anything about its issuer is believed.

    `claims` are its definition's, an absent one empty. `schema_id` is the AnonCreds schema's; for a W3C
    credential over the national contexts it is the national one. One with a `short_life` has no status.
    """

    credential: CredentialType
    format: CredentialFormat
    schema_id: str
    issuer_did: str
    claims: Claims
    status: tuple[StatusEntryId, ...]
    proven_unrevoked: bool  # AnonCreds: against the newest list; W3C proves nothing, `status` alone tells
    short_life: ShownLife | None = None


@dataclass(frozen=True, slots=True)
class UnjudgedPresentation:
    """What a wallet showed, and whether its proofs hold; whether to accept it is another question."""

    fault: ProofFault | None
    credentials: tuple[PresentedCredential, ...]


@dataclass(frozen=True, slots=True)
class AcceptedCredential:
    """One credential that was judged and accepted."""

    credential: CredentialType
    format: CredentialFormat
    issuer_did: str
    claims: Claims
    status: tuple[StatusEntryId, ...]


class Presentations(ABC):
    """Speaks the present-proof protocol under ids that we choose."""

    @abstractmethod
    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        formats: frozenset[CredentialFormat],
        purpose: str,
        *,
        until: datetime,
    ) -> None:
        """Ask for every claim of each of `types`, not revoked now, in one presentation.

        In whichever of `formats` the wallet chooses; it may use more than one. An answer is awaited `until`
        then, which the wallet is told, together with who asks.
        """

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

    @abstractmethod
    async def erase(self, request: PresentationRequestId) -> None:
        """Forget the exchange, and what was shown in it; again does no harm."""
