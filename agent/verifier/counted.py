"""The numbers of reviews that whoever may read them sees first."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.actors import Permission
from agent.domain.ports.overview import Counted
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.verifier.records import ReviewRepository


@dataclass(frozen=True, slots=True)
class CountedReviews(Counted):
    """One organisation's, and all their requests by verdict."""

    store: Store
    organisation: Organisation

    name = "reviews"
    permission = Permission.REVIEW_READ

    async def counts(self) -> Mapping[str, Mapping[str, int]]:
        async with self.store.joined(self.organisation.ods_code) as session:
            states, verdicts = await ReviewRepository(session, self.organisation.ods_code).counts()
        return {
            "states": {str(state): count for state, count in states.items()},
            "verdicts": {str(verdict): count for verdict, count in verdicts.items()},
        }
