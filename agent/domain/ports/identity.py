"""The organisation's own decentralised identifier."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class OrganisationIdentity(ABC):
    """The DID under which this organisation signs."""

    @abstractmethod
    async def did(self) -> str | None:
        """The DID, or None while the organisation has none."""

    @abstractmethod
    async def ensure(self) -> str:
        """The DID, made and published first if need be. Raises `Unavailable` when the registry is down."""


class CredentialSigner(ABC):
    """Signs W3C credentials with this organisation's keys, which stay where they are."""

    @abstractmethod
    async def signed(self, credential: Mapping[str, Any]) -> dict[str, Any]:
        """`credential` with the proof that its data model has.

        Raises `Conflict` while the organisation has no DID, and for what has no canonical form.
        """


@dataclass(frozen=True, slots=True)
class Statement:
    """What an organisation really said to another; made by the verifier alone."""

    issuer: str  # its DID
    kind: str
    issued: datetime
    content: Mapping[str, Any]


class StatementSigner(ABC):
    """Says something to another organisation in this one's name, so that it can be shown to anybody later."""

    @abstractmethod
    async def state(self, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """The signed statement. Raises `Conflict` with code `no_did` while the organisation has no DID."""


class StatementVerifier(ABC):
    """Reads what organisations state."""

    @abstractmethod
    async def verified(self, statement: object, kind: str) -> Statement:
        """Raises `InvalidInput` unless it is a statement of that kind which its issuer's DID signed.

        Raises `Unavailable` when that DID cannot be read now.
        """
