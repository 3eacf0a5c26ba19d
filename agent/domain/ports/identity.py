"""The organisation's own decentralised identifier."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
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
