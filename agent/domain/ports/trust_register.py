"""What the operator's decisions do to the trust list, and what the list takes from them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from agent.domain.registration import Region, Succession
from agent.domain.workforce import OdsCode


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """An organisation that applied, and the DID under which it asked to be listed, with its signature."""

    ods_code: OdsCode
    name: str
    region: Region
    did: str | None
    is_approved: bool


class ApprovedOrganisations(ABC):
    """Whom the operator decided on."""

    @abstractmethod
    async def known(self, ods_code: OdsCode) -> KnownOrganisation | None:
        """The organisation as it stands now; None for one that never applied."""


class TrustRegister(ABC):
    """How organisations stand in the trust list. One that was never entered stays out of it.

    Each joins the unit in hand, so that it is kept with the decision; `publish_standing` follows after that.
    """

    @abstractmethod
    async def suspended(self, ods_code: OdsCode) -> None:
        """The organisation does not count from now on."""

    @abstractmethod
    async def restored(self, ods_code: OdsCode) -> None:
        """It counts again, and so does what it issued before."""

    @abstractmethod
    async def succeeded(self, ods_code: OdsCode, succession: Succession) -> None:
        """Another takes its place; a suspension stays what it is."""

    @abstractmethod
    async def publish_standing(self) -> None:
        """Publish what was decided; when the registry does not answer, it is published by and by."""


class TrustListHost(ABC):
    """Where the list is published."""

    @abstractmethod
    async def publish_trust_list(self, publication: bytes) -> None:
        """Put a publication there, as `signed_documents.trust_publications` writes it; again does no harm.

        Raises `Unavailable` when the registry does not answer, `Conflict` when it has a newer one.
        """
