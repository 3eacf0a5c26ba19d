"""AnonCreds objects as attested resources: each id begins with the DID that published the object."""

from collections.abc import Mapping, Sequence

from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict, Unavailable
from agent.domain.ports.anoncreds_objects import AnonCredsObjects, ObjectIds, RevocationLists
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.national_schemas import national_schema_ids
from signed_documents.attested_resources import ResourceType
from signed_documents.errors import SignedDocumentError
from signed_documents.resolution import WebvhReader
from signed_documents.status_lists import link_at


class WebvhObjects(AnonCredsObjects):
    """Published under the organisation's own did:webvh."""

    def __init__(self, identity: OrganisationIdentity, trust: TrustList, reader: WebvhReader) -> None:
        self._identity = identity
        self._trust = trust
        self._reader = reader

    async def issuer_id(self) -> str:
        did = await self._identity.did()
        if did is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return did

    async def national_schemas(self) -> Mapping[CredentialType, str]:
        """They follow from the operator's DID, and what the schemas say."""
        return national_schema_ids(await self._trust.operator())

    def belong_together(self, ids: ObjectIds) -> bool:
        every = (ids.schema, ids.definition, ids.revocation_registry)
        return (
            all(isinstance(each, str) and each.startswith("did:webvh:") for each in every)
            and ids.definition.partition("/")[0] == ids.revocation_registry.partition("/")[0]
        )

    async def issuer_of(self, definition: str) -> str:
        return definition.partition("/")[0]

    async def lists_at(self, registry: str, moments: Sequence[int | None]) -> RevocationLists:
        """Read once: what holds when is all in the registry's one document."""
        try:
            found = await self._reader.resource(registry, ResourceType.REVOCATION_REGISTRY)
            began = tuple(link_at(found, moment).timestamp for moment in moments)
        except SignedDocumentError as error:
            raise Unavailable("A registry does not answer.", code="registry_unavailable") from error
        return RevocationLists(found.content["credDefId"], began)
