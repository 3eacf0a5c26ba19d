"""This organisation's credential definitions on the national schemas, as AnonCreds objects."""

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile

from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialType
from agent.domain.errors import Unavailable
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.exchanges import CredentialDefinitions

TAG = "staff-passport"


class AnonCredsDefinitions(CredentialDefinitions):
    """Publishes in this organisation's own name."""

    def __init__(self, profile: Profile, objects: AnonCredsObjects, revocation_registry_size: int) -> None:
        self._profile = profile
        self._objects = objects
        self._registry_size = revocation_registry_size

    async def publish_definition(self, credential: CredentialType) -> str:
        """Publish once, and wait until a revocation registry is ready to be used.

        Raises `Unavailable`; when asked again, it goes on waiting for what is being made.
        """
        own_id = await self._objects.issuer_id()
        schema_id = (await self._objects.national_schemas())[credential]
        issuer = AnonCredsIssuer(self._profile)
        with registry_may_be_down():
            found = await issuer.get_created_credential_definitions(issuer_id=own_id, schema_id=schema_id)
            definition = str(found[-1]) if found else await self._create(issuer, own_id, schema_id)
        await self._revocation_registry(definition)
        return definition

    async def _create(self, issuer: AnonCredsIssuer, own_id: str, schema_id: str) -> str:
        options = {"support_revocation": True, "revocation_registry_size": self._registry_size}
        result = await issuer.create_and_register_credential_definition(
            own_id, schema_id, TAG, options=options
        )
        return str(result.credential_definition_state.credential_definition_id)

    async def _revocation_registry(self, definition: str) -> None:
        try:
            await AnonCredsRevocation(self._profile).wait_for_active_revocation_registry(definition)
        except TimeoutError as error:
            sentence = "The revocation registry is still being made."
            raise Unavailable(sentence, code="revocation_registry_not_ready") from error
