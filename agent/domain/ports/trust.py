"""Who is a registered organisation, and what each may issue and ask for."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date

from agent.domain.credentials import CredentialType
from agent.domain.workforce import OdsCode


@dataclass(frozen=True, slots=True)
class TrustedOrganisation:
    """One entry of the trust list, as it stands today."""

    did: str
    ods_code: OdsCode
    name: str
    may_issue: frozenset[CredentialType]
    may_ask: frozenset[CredentialType]
    valid_from: date
    valid_until: date | None

    def is_current(self, on: date) -> bool:
        """Whether the entry holds on that day; the last day counts."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class TrustList(ABC):
    """The list of registered organisations."""

    @abstractmethod
    async def organisation(self, did: str) -> TrustedOrganisation | None:
        """The entry for `did`, which may be its other one, on a ledger; None when there is none.

        Raises `Unavailable` when there is no valid list.
        """

    @abstractmethod
    async def operator(self) -> str:
        """The DID that owns the national schemas. Raises `Unavailable`."""
