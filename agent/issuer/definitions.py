"""This organisation's credential definitions on the national schemas, as AnonCreds objects."""

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict
from agent.domain.ports.exchanges import CredentialDefinitions
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.national_schemas import national_schema_id

TAG = "staff-passport"


class AnonCredsDefinitions(CredentialDefinitions):
    """Publishes under this wallet's own DID."""

    def __init__(
        self,
        profile: Profile,
        identity: OrganisationIdentity,
        trust: TrustList,
        revocation_registry_size: int,
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._registry_size = revocation_registry_size

    async def publish_definition(self, credential: CredentialType) -> str:
        """Publish once, and wait until a revocation registry is ready to be used."""
        did = await self._own_did()
        schema_id = national_schema_id(await self._trust.operator(), schemas.load(credential))
        issuer = AnonCredsIssuer(self._profile)
        with registry_may_be_down():
            found = await issuer.get_created_credential_definitions(issuer_id=did, schema_id=schema_id)
            if found:
                return str(found[-1])
            result = await issuer.create_and_register_credential_definition(
                did,
                schema_id,
                TAG,
                options={"support_revocation": True, "revocation_registry_size": self._registry_size},
            )
            definition = str(result.credential_definition_state.credential_definition_id)
            await AnonCredsRevocation(self._profile).wait_for_active_revocation_registry(definition)
        return definition

    async def _own_did(self) -> str:
        did = await self._identity.did()
        if did is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return did
