"""The trust list as a file of the environment: organisation by organisation, never by default."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.workforce import OdsCode
from agent.parsed_file import ParsedFile


class Entry(BaseModel):
    """One organisation. Without a DID it is registered, and trusted for nothing yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    ods_code: str = Field(pattern=r"^[A-Z0-9]{3,6}$")
    did: str | None = Field(default=None, pattern=r"^did:")
    ledger_did: str | None = Field(default=None, pattern=r"^did:")
    """Under which it publishes AnonCreds objects, where that is on an Indy ledger."""
    may_issue: frozenset[CredentialType]
    may_ask: frozenset[CredentialType]
    valid_from: date
    valid_until: date | None = None


class Listing(BaseModel):
    """The file: who the operator is, and everybody else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operator: str | None = Field(default=None, pattern=r"^did:")
    organisations: tuple[Entry, ...]

    def entry(self, did: str) -> Entry | None:
        """The one entry with this DID; two with the same one are none."""
        found = [entry for entry in self.organisations if entry.did and did in (entry.did, entry.ledger_did)]
        return found[0] if len(found) == 1 else None


class ConfiguredTrustList(TrustList):
    """The file as it is at every question, so that a suspended organisation is suspended at once."""

    def __init__(self, path: Path) -> None:
        self._file = ParsedFile(path, Listing, called="The trust list", code="trust_unavailable")

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        """The entry for `did`, current or not; `is_current` says which."""
        entry = (await self._file.read()).entry(did)
        if entry is None:
            return None
        return TrustedOrganisation(
            did=str(entry.did),
            ods_code=OdsCode(entry.ods_code),
            name=entry.name,
            may_issue=entry.may_issue,
            may_ask=entry.may_ask,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
        )

    async def operator(self) -> str:
        """The operator's DID."""
        operator = (await self._file.read()).operator
        if operator is None:
            raise Unavailable("The trust list names no operator.", code="trust_unavailable")
        return operator
