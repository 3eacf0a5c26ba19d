"""How much was issued that still holds."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.ports.issued_credentials import IssuedCredentials
from agent.domain.workforce import Organisation
from agent.issuer.records import CredentialRepository
from agent.store.engine import Store


@dataclass(frozen=True, slots=True)
class IssuedHere(IssuedCredentials):
    """One employing authority's."""

    store: Store
    organisation: Organisation

    async def holding(self, since: datetime, until: datetime) -> int:
        async with self.store.unit(self.organisation.ods_code) as session:
            return await CredentialRepository(session, self.organisation.ods_code).holding(since, until)
