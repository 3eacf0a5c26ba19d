"""What the credentials would say, told before anybody is invited; nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.credentials import PASSPORT_TYPES, Claims, CredentialType
from agent.domain.errors import Refusal, Refused
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.staff_records import SearchId, StaffRecords
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.workforce import AssignmentNumber, Organisation, StaffRecord
from agent.issuer.claims import attestable
from agent.issuer.policy import ISSUANCE, IssuanceRequest

NOT_YET_MADE = "not made yet"
"""The passport's reference in a preview."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be said, and every rule that an offer of it would break today."""

    claims: Mapping[CredentialType, Claims]
    """Of the types whose claims the record is able to make."""
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Previews:
    """One employing authority's. An offer is judged again, by the record as it is then."""

    organisation: Organisation
    staff_records: StaffRecords
    identity: OrganisationIdentity
    trust: TrustList
    clock: Clock = utc_now

    async def of(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> Preview:
        """For the person whom `by` found, and the assignment. Raises as `StaffRecords.chosen` does."""
        record = await self.staff_records.chosen(search, number, by=by)
        request = IssuanceRequest(record, PASSPORT_TYPES, await self._own_entry(), self.clock())
        refusals = list(ISSUANCE.refusals(request))
        claims = dict[CredentialType, Claims]()
        for each in PASSPORT_TYPES:
            try:
                claims[each] = self._claims(each, record)
            except Refused as lacking:
                refusals.extend(lacking.refusals)
        return Preview(claims, tuple(refusals))

    def _claims(self, credential: CredentialType, record: StaffRecord) -> Claims:
        on = london_day(self.clock())
        return attestable(credential, record, self.organisation, passport=NOT_YET_MADE, on=on)

    async def _own_entry(self) -> TrustedOrganisation | None:
        did = await self.identity.did()
        return await self.trust.organisation(did) if did else None
