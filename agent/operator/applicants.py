"""What the trust list takes from applications."""

from agent.domain.ports.trust_register import ApprovedOrganisations, KnownOrganisation
from agent.domain.registration import Region
from agent.domain.workforce import OdsCode, Organisation
from agent.operator.records import ApplicationRepository, ApplicationState
from agent.store.engine import Store


class ApplicantsForTrust(ApprovedOrganisations):
    """Organisations that were approved once, as their applications say."""

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation

    async def known(self, ods_code: OdsCode) -> KnownOrganisation | None:
        """The organisation as it stands now."""
        own = self._organisation.ods_code
        async with self._store.joined(own) as session:
            row = await ApplicationRepository(session, own).decided(ods_code)
        if row is None or row.application is None:
            return None
        details = row.application["details"]
        return KnownOrganisation(
            ods_code=ods_code,
            name=str(details["name"]),
            region=Region(details["region"]),
            did=row.did,
            is_approved=row.state == ApplicationState.APPROVED,
        )
