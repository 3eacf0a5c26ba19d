"""The national schemas under the operator's DID, as AnonCreds objects and as JSON-LD contexts."""

from collections.abc import Sequence
from contextlib import suppress

from acapy_agent.anoncreds.base import AnonCredsSchemaAlreadyExists
from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.core.profile import Profile

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.national_schemas import national_origin


class NationalSchemas:
    """Publishes what every employing authority issues on."""

    def __init__(
        self,
        profile: Profile,
        identity: OrganisationIdentity,
        objects: AnonCredsObjects,
        trust: TrustList,
        contexts: ContextPublisher,
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._objects = objects
        self._trust = trust
        self._contexts = contexts

    async def publish(self, credential: CredentialType) -> str:
        """Publish one schema; its id. Again does no harm. Raises `Conflict` unless we are the operator."""
        did = await self._identity.did()
        if did is None or did != await self._trust.operator():
            raise Conflict("Only the operator publishes national schemas.", code="not_the_operator")
        own_id = await self._objects.issuer_id()
        schema_id = (await self._objects.national_schemas())[credential]
        if not schema_id.startswith(own_id):
            raise Conflict("The national schemas are not in our name.", code="not_the_operator")
        definition = schemas.load(credential)
        attributes = list(schemas.anoncreds_attributes(definition))
        issuer = AnonCredsIssuer(self._profile)
        # Published before, it is the same: its id follows from what it says.
        with registry_may_be_down(), suppress(AnonCredsSchemaAlreadyExists):
            await issuer.create_and_register_schema(
                own_id, definition.type_name, definition.version, attributes
            )
        return schema_id

    async def publish_contexts(self) -> Sequence[str]:
        """Publish the JSON-LD contexts; their addresses. Again does no harm: a version never changes.

        Raises `Conflict` unless we are the operator, and when another content stands under an address.
        """
        did = await self._identity.did()
        if did is None or did != await self._trust.operator():
            raise Conflict("Only the operator publishes national contexts.", code="not_the_operator")
        contexts = schemas.national_contexts(national_origin(did), schemas.all_definitions())
        for url, context in contexts.items():
            await self._contexts.publish(url, context)
        return tuple(contexts)
