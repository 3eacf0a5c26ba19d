"""AnonCreds objects of this organisation, signed and written to the registry."""

from collections.abc import Callable, Sequence
from datetime import datetime
from re import Pattern
from typing import Any

from acapy_agent.anoncreds.base import AnonCredsRegistrationError, BaseAnonCredsRegistrar
from acapy_agent.anoncreds.models.credential_definition import CredDef, CredDefResult, CredDefState
from acapy_agent.anoncreds.models.revocation import (
    RevList,
    RevListResult,
    RevListState,
    RevRegDef,
    RevRegDefResult,
    RevRegDefState,
)
from acapy_agent.anoncreds.models.schema import AnonCredsSchema, GetSchemaResult, SchemaResult, SchemaState
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile

from agent.domain.errors import Conflict, Unavailable
from agent.webvh.anoncreds_resolver import IDENTIFIERS
from agent.webvh.identity import StoredIdentity
from agent.webvh.publisher import RegistryPublisher
from agent.webvh.reading import told_to_acapy
from agent.webvh.status_lists import covers, next_timestamp
from signed_documents.attested_resources import ResourceType, StatusListLink, VerifiedResource, attest
from signed_documents.encoding import JsonObject
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import WebvhReader
from signed_documents.status_lists import StatusList

type Options = dict[str, Any] | None  # ACA-Py passes them; none means anything here

_ATTEMPTS = 3  # at appending a status list while another process appends too


class WebvhRegistrar(BaseAnonCredsRegistrar):
    """Publishes under the organisation's own DID, whoever's the schema is, and is finished at once.

    Publishing again what is published does no harm. Raises `Unavailable` when the registry does not answer.
    """

    def __init__(self, reader: WebvhReader, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._clock = clock

    @property
    def supported_identifiers_regex(self) -> Pattern[str]:
        return IDENTIFIERS

    async def setup(self, context: InjectionContext) -> None:
        """Nothing to do: this is made ready."""

    async def register_schema(
        self, profile: Profile, schema: AnonCredsSchema, _options: Options = None
    ) -> SchemaResult:
        schema_id = await self._publish(profile, schema.serialize(), ResourceType.SCHEMA, schema.name)
        return SchemaResult(None, SchemaState(SchemaState.STATE_FINISHED, schema_id, schema))

    async def register_credential_definition(
        self,
        profile: Profile,
        _schema: GetSchemaResult,
        credential_definition: CredDef,
        _options: Options = None,
    ) -> CredDefResult:
        content, tag = credential_definition.serialize(), credential_definition.tag
        cred_def_id = await self._publish(profile, content, ResourceType.CREDENTIAL_DEFINITION, tag)
        state = CredDefState(CredDefState.STATE_FINISHED, cred_def_id, credential_definition)
        return CredDefResult(None, state, registration_metadata={}, credential_definition_metadata={})

    async def register_revocation_registry_definition(
        self, profile: Profile, revocation_registry_definition: RevRegDef, _options: Options = None
    ) -> RevRegDefResult:
        content, tag = revocation_registry_definition.serialize(), revocation_registry_definition.tag
        registry_id = await self._publish(profile, content, ResourceType.REVOCATION_REGISTRY, tag)
        state = RevRegDefState(RevRegDefState.STATE_FINISHED, registry_id, revocation_registry_definition)
        return RevRegDefResult(
            None, state, registration_metadata={}, revocation_registry_definition_metadata={}
        )

    async def register_revocation_list(
        self, profile: Profile, _rev_reg_def: RevRegDef, rev_list: RevList, _options: Options = None
    ) -> RevListResult:
        return await self._list_published(profile, rev_list)

    async def update_revocation_list(
        self,
        profile: Profile,
        _rev_reg_def: RevRegDef,
        _prev_list: RevList,
        curr_list: RevList,
        _revoked: Sequence[int],
        _options: Options = None,
    ) -> RevListResult:
        """Publish `curr_list` unless everything revoked in it is published as revoked already."""
        return await self._list_published(profile, curr_list)

    async def _list_published(self, profile: Profile, rev_list: RevList) -> RevListResult:
        for attempt in range(_ATTEMPTS):
            try:
                timestamp = await self._append(profile, rev_list)
                break
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
        published = RevList.deserialize({**rev_list.serialize(), "timestamp": timestamp})
        state = RevListState(RevListState.STATE_FINISHED, published)
        return RevListResult(None, state, registration_metadata={}, revocation_list_metadata={})

    async def _append(self, profile: Profile, rev_list: RevList) -> int:
        """Publish the list, then the registry that links to it: nobody sees one without the other."""
        identity = await _own_identity(profile, rev_list.issuer_id)
        with told_to_acapy():
            registry = await self._reader.resource(rev_list.rev_reg_def_id, ResourceType.REVOCATION_REGISTRY)
            latest = await self._latest(registry)
        if latest is not None and covers(latest, rev_list.revocation_list):
            return latest.timestamp
        timestamp = next_timestamp(registry, self._clock())
        content = {**rev_list.serialize(), "timestamp": timestamp}
        list_id = await self._publish(profile, content, ResourceType.STATUS_LIST, str(timestamp))
        links = (*registry.links, StatusListLink(ResourceId.parse(list_id), timestamp))
        await self._attest(profile, identity, registry.content, registry.type, registry.name, links)
        return timestamp

    async def _latest(self, registry: VerifiedResource) -> StatusList | None:
        if not registry.links:
            return None
        link = registry.links[-1]
        return StatusList.of(
            await self._reader.resource(str(link.id), ResourceType.STATUS_LIST), registry, link
        )

    async def _publish(
        self, profile: Profile, content: JsonObject, resource_type: ResourceType, name: str
    ) -> str:
        identity = await _own_identity(profile, content["issuerId"])
        return await self._attest(profile, identity, content, resource_type, name, ())

    async def _attest(
        self,
        profile: Profile,
        identity: StoredIdentity,
        content: JsonObject,
        resource_type: ResourceType,
        name: str,
        links: tuple[StatusListLink, ...],
    ) -> str:
        resource = await attest(
            content,
            resource_type=resource_type,
            name=name,
            signer=identity.resource_signer(profile),
            created=self._clock(),
            links=links,
        )
        await profile.inject(RegistryPublisher).resource(resource)
        return str(resource["id"])


async def _own_identity(profile: Profile, issuer_id: str) -> StoredIdentity:
    """The identity that may sign for `issuer_id`: this organisation's own, now or before its DID moved."""
    identity = await StoredIdentity.load(profile)
    if identity is None or not identity.published:
        raise Unavailable("This organisation has no published DID yet.", code="no_identity")
    identity.require_in_use()
    for each in identity.with_former:
        if each.did == issuer_id:
            return each
    raise AnonCredsRegistrationError("Only this organisation's own DID can publish here")
