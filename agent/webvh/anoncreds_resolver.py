"""AnonCreds objects read from did:webvh registries."""

import re
from re import Pattern

from acapy_agent.anoncreds.base import BaseAnonCredsResolver
from acapy_agent.anoncreds.models.credential_definition import CredDef, GetCredDefResult
from acapy_agent.anoncreds.models.revocation import GetRevListResult, GetRevRegDefResult, RevList, RevRegDef
from acapy_agent.anoncreds.models.schema import AnonCredsSchema, GetSchemaResult
from acapy_agent.anoncreds.models.schema_info import AnonCredsSchemaInfo
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile

from agent.webvh.reading import told_to_acapy
from signed_documents.attested_resources import ResourceType
from signed_documents.resolution import WebvhReader

IDENTIFIERS = re.compile(r"^did:webvh:[^?#]+$")
"""Both a DID and a resource under it: ACA-Py asks registrars by issuer and resolvers by object."""


class WebvhResolver(BaseAnonCredsResolver):
    """Raises `Unavailable`, `AnonCredsObjectNotFound`, or `AnonCredsResolutionError` with the reason."""

    def __init__(self, reader: WebvhReader) -> None:
        self._reader = reader

    @property
    def supported_identifiers_regex(self) -> Pattern[str]:
        return IDENTIFIERS

    async def setup(self, context: InjectionContext) -> None:
        """Nothing to do: this is made ready."""

    async def get_schema(self, _profile: Profile, schema_id: str) -> GetSchemaResult:
        with told_to_acapy():
            resource = await self._reader.resource(schema_id, ResourceType.SCHEMA)
        return GetSchemaResult(AnonCredsSchema.deserialize(resource.content), schema_id, {}, {})

    async def get_schema_info_by_id(self, profile: Profile, schema_id: str) -> AnonCredsSchemaInfo:
        schema = (await self.get_schema(profile, schema_id)).schema
        return AnonCredsSchemaInfo(schema.issuer_id, schema.name, schema.version)

    async def get_credential_definition(
        self, _profile: Profile, credential_definition_id: str
    ) -> GetCredDefResult:
        with told_to_acapy():
            resource = await self._reader.resource(
                credential_definition_id, ResourceType.CREDENTIAL_DEFINITION
            )
        return GetCredDefResult(
            credential_definition_id,
            CredDef.deserialize(resource.content),
            resolution_metadata={},
            credential_definition_metadata={},
        )

    async def get_revocation_registry_definition(
        self, _profile: Profile, revocation_registry_id: str
    ) -> GetRevRegDefResult:
        with told_to_acapy():
            resource = await self._reader.resource(revocation_registry_id, ResourceType.REVOCATION_REGISTRY)
        return GetRevRegDefResult(RevRegDef.deserialize(resource.content), revocation_registry_id, {}, {})

    async def get_revocation_list(
        self,
        _profile: Profile,
        revocation_registry_id: str,
        timestamp_from: int | None = 0,  # noqa: ARG002 - ACA-Py's signature; only the end of the interval counts
        timestamp_to: int | None = None,
    ) -> GetRevListResult:
        """The list that holds at `timestamp_to`, or now. Its `timestamp` is when it began to."""
        with told_to_acapy():
            status = await self._reader.status_list(revocation_registry_id, at=timestamp_to)
        return GetRevListResult(RevList.deserialize(status.content), {}, {})
