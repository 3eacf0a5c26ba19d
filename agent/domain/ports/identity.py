"""The organisation's own decentralised identifier."""

from abc import ABC, abstractmethod


class OrganisationIdentity(ABC):
    """The DID under which this organisation signs."""

    @abstractmethod
    async def did(self) -> str | None:
        """The DID, or None while the organisation has none."""

    @abstractmethod
    async def ensure(self) -> str:
        """The DID, made and published first if need be. Raises `Unavailable` when the registry is down."""
