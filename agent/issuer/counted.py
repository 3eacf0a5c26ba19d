"""The numbers of passports that whoever may read them sees first."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.actors import Permission
from agent.domain.ports.overview import Counted
from agent.domain.workforce import Organisation
from agent.issuer.records import PassportRepository
from agent.store.engine import Store


@dataclass(frozen=True, slots=True)
class CountedPassports(Counted):
    """One organisation's."""

    store: Store
    organisation: Organisation

    name = "passports"
    permission = Permission.PASSPORT_READ

    async def counts(self) -> Mapping[str, Mapping[str, int]]:
        async with self.store.joined(self.organisation.ods_code) as session:
            states = await PassportRepository(session, self.organisation.ods_code).counts()
        return {"states": {str(state): count for state, count in states.items()}}
