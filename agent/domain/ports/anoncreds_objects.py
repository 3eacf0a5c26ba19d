"""Where this environment's AnonCreds objects stand, and what their ids say: modes differ in nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.domain.credentials import CredentialType


@dataclass(frozen=True, slots=True)
class ObjectIds:
    """The ids that a presentation names for one credential; nothing in them is believed."""

    schema: str
    definition: str
    revocation_registry: str


@dataclass(frozen=True, slots=True)
class RevocationLists:
    """Of which definition a revocation registry is, and when each list began that held at a moment asked."""

    definition: str
    began: tuple[int, ...]  # seconds, Unix


class AnonCredsObjects(ABC):
    """Schemas, credential definitions and revocation registries, by their ids."""

    @abstractmethod
    async def issuer_id(self) -> str:
        """As whom this organisation publishes objects. Raises `Conflict` while it cannot."""

    @abstractmethod
    async def national_schemas(self) -> Mapping[CredentialType, str]:
        """The id of each national credential type's schema. Raises `Unavailable`, or `Conflict`."""

    @abstractmethod
    def belong_together(self, ids: ObjectIds) -> bool:
        """Whether these are ids of this environment, with the registry under the definition's issuer."""

    @abstractmethod
    async def issuer_of(self, definition: str) -> str:
        """The DID of whoever published a definition, under which the trust list knows them best.

        Raises `Unavailable`.
        """

    @abstractmethod
    async def lists_at(self, registry: str, moments: Sequence[int | None]) -> RevocationLists:
        """What a revocation registry said at each moment (seconds, Unix), and now for None.

        Raises `Unavailable`, also when it had no list yet.
        """
