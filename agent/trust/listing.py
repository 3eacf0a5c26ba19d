"""The trust list as a file of the environment: organisation by organisation, never by default."""

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.workforce import OdsCode
from agent.edited_file import EditedFile


class Entry(BaseModel):
    """One organisation. Without a DID it is registered, and trusted for nothing yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    ods_code: str = Field(pattern=r"^[A-Z0-9]{3,6}$")
    did: str | None = Field(default=None, pattern=r"^did:")
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
        found = [entry for entry in self.organisations if entry.did == did]
        return found[0] if len(found) == 1 else None


class ConfiguredTrustList(TrustList):
    """Looks at the file at every question, so that a suspended organisation is suspended at once."""

    def __init__(self, path: Path) -> None:
        self._file = EditedFile(path, lambda text: Listing.model_validate(yaml.safe_load(text)))

    async def organisation(self, did: str) -> TrustedOrganisation | None:
        """The entry for `did`, current or not; `is_current` says which."""
        entry = self._listing().entry(did)
        if entry is None:
            return None
        return TrustedOrganisation(
            did=did,
            ods_code=OdsCode(entry.ods_code),
            name=entry.name,
            may_issue=entry.may_issue,
            may_ask=entry.may_ask,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
        )

    async def operator(self) -> str:
        """The operator's DID."""
        operator = self._listing().operator
        if operator is None:
            raise Unavailable("The trust list names no operator.", code="trust_unavailable")
        return operator

    def _listing(self) -> Listing:
        try:
            return self._file.now()
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise Unavailable("The trust list cannot be read.", code="trust_unavailable") from error
