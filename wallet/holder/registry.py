"""did:webvh for ACA-Py: DIDs and AnonCreds objects as the registry publishes them, verified by us."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from re import Pattern
from typing import Any

import base58
from acapy_agent.anoncreds.base import BaseAnonCredsError, BaseAnonCredsResolver
from acapy_agent.anoncreds.default.legacy_indy.registry import LegacyIndyRegistry
from acapy_agent.anoncreds.holder import AnonCredsHolderError
from acapy_agent.anoncreds.models.credential_definition import CredDef, GetCredDefResult
from acapy_agent.anoncreds.models.revocation import GetRevListResult, GetRevRegDefResult, RevList, RevRegDef
from acapy_agent.anoncreds.models.schema import AnonCredsSchema, GetSchemaResult
from acapy_agent.anoncreds.models.schema_info import AnonCredsSchemaInfo
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.indy.util import indy_client_dir
from acapy_agent.ledger.error import LedgerError
from acapy_agent.resolver.base import BaseDIDResolver, ResolverError, ResolverType
from acapy_agent.storage.error import StorageError
from pydid import DID

from signed_documents.attested_resources import ResourceType, VerifiedResource
from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason, SignedDocumentError
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader

TAILS_NAME = re.compile(r"[1-9A-HJ-NP-Za-km-z]{43,44}")
"""The base58 of a SHA-256. It becomes a file's name, and a stranger chose it."""

TAILS_BYTES = 128
"""Of one tail; a registry has two for each credential, and one more, after a short heading."""

LARGEST_REGISTRY = 100_000  # credentials


class RegistryUnavailable(BaseAnonCredsError, StorageError):
    """The registry did not answer. As a `StorageError`, a credential that came stays to be stored later."""


class ObjectRefused(BaseAnonCredsError, AnonCredsHolderError):
    """What the registry answered cannot be used. As a holder's error, it ends an exchange that needs it."""


UNREADABLE = (BaseAnonCredsError, LedgerError)
"""What a registry or a ledger makes of what it does not have, does not answer, or should not have said."""


class WebvhDids(BaseDIDResolver):
    """DID documents. The reader knows how long one is good for, so that nothing is cached here."""

    def __init__(self, reader: WebvhReader) -> None:
        super().__init__(ResolverType.NATIVE)
        self._reader = reader

    async def setup(self, context: InjectionContext) -> None:
        """Nothing to set up."""

    @property
    def supported_did_regex(self) -> Pattern[str]:
        return re.compile(r"^did:webvh:.*$")

    async def resolve(
        self, profile: Profile, did: str | DID, service_accept: Sequence[str] | None = None
    ) -> dict[str, Any]:
        return await self._resolve(profile, str(did), service_accept)

    async def _resolve(
        self,
        profile: Profile,  # noqa: ARG002 - the base class's signature
        did: str,
        service_accept: Sequence[str] | None = None,  # noqa: ARG002 - the base class's signature
    ) -> dict[str, Any]:
        try:
            return dict((await self._reader.log(did)).document_json)
        except SignedDocumentError as error:
            # Never DIDNotFound: ACA-Py would then ask its own resolver, which asks any address.
            raise ResolverError("This DID cannot be resolved.") from error


class WebvhAnonCreds(BaseAnonCredsResolver):
    """Schemas, credential definitions, revocation registries and their lists."""

    def __init__(self, reader: WebvhReader, tails: "TailsFiles") -> None:
        self._reader = reader
        self._tails = tails

    @property
    def supported_identifiers_regex(self) -> Pattern[str]:
        return re.compile(r"^did:webvh:[^#?]*$")

    async def setup(self, context: InjectionContext) -> None:
        """Nothing to set up."""

    async def get_schema(self, profile: Profile, schema_id: str) -> GetSchemaResult:  # noqa: ARG002
        resource = await self._resource(schema_id, ResourceType.SCHEMA)
        return GetSchemaResult(AnonCredsSchema.deserialize(resource.content), schema_id, {}, {})

    async def get_schema_info_by_id(self, profile: Profile, schema_id: str) -> AnonCredsSchemaInfo:
        schema = (await self.get_schema(profile, schema_id)).schema
        return AnonCredsSchemaInfo(schema.issuer_id, schema.name, schema.version)

    async def get_credential_definition(
        self,
        profile: Profile,  # noqa: ARG002 - the base class's signature
        credential_definition_id: str,
    ) -> GetCredDefResult:
        resource = await self._resource(credential_definition_id, ResourceType.CREDENTIAL_DEFINITION)
        definition = CredDef.deserialize(resource.content)
        return GetCredDefResult(credential_definition_id, definition, {}, {})

    async def get_revocation_registry_definition(
        self,
        profile: Profile,  # noqa: ARG002 - the base class's signature
        revocation_registry_id: str,
    ) -> GetRevRegDefResult:
        """The definition, after its tails file is where ACA-Py looks before it downloads it unguarded."""
        resource = await self._resource(revocation_registry_id, ResourceType.REVOCATION_REGISTRY)
        definition = RevRegDef.deserialize(resource.content)
        await self._tails.have(definition)
        return GetRevRegDefResult(definition, revocation_registry_id, {}, {})

    async def get_revocation_list(
        self,
        profile: Profile,  # noqa: ARG002 - the base class's signature
        revocation_registry_id: str,
        timestamp_from: int | None = 0,  # noqa: ARG002 - the base class's signature
        timestamp_to: int | None = None,
    ) -> GetRevListResult:
        """The list that holds at `timestamp_to` (seconds, Unix), or now; it may be older."""
        try:
            status_list = await self._reader.status_list(revocation_registry_id, at=timestamp_to)
        except SignedDocumentError as error:
            raise as_acapy_error(error) from error
        return GetRevListResult(RevList.deserialize(status_list.content), {}, {})

    async def _resource(self, identifier: str, expected: ResourceType) -> VerifiedResource:
        try:
            return await self._reader.resource(identifier, expected)
        except SignedDocumentError as error:
            raise as_acapy_error(error) from error


class LedgerAnonCreds(LegacyIndyRegistry):
    """ACA-Py's own for Indy ledgers, but for the tails files, which it would download unguarded."""

    def __init__(self, tails: "TailsFiles") -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # ACA-Py's
        self._tails = tails

    async def get_revocation_registry_definition(
        self, profile: Profile, rev_reg_def_id: str
    ) -> GetRevRegDefResult:
        """The definition, after its tails file is there."""
        found = await super().get_revocation_registry_definition(profile, rev_reg_def_id)
        await self._tails.have(found.revocation_registry)
        return found


class TailsFiles:
    """Puts tails files where ACA-Py looks for them."""

    def __init__(self, fetcher: GuardedFetcher) -> None:
        self._fetcher = fetcher

    async def have(self, definition: RevRegDef) -> None:
        """Have a registry's file. Raises as ACA-Py expects it of who reads the registry."""
        name, location = definition.value.tails_hash, definition.value.tails_location
        try:
            await self._download_tails(name, location, definition.value.max_cred_num)
        except SignedDocumentError as error:
            raise as_acapy_error(error) from error

    async def _download_tails(self, name: str, location: str, credentials: int) -> None:
        if not TAILS_NAME.fullmatch(name) or not 0 < credentials <= LARGEST_REGISTRY:
            raise DocumentRefused(Reason.MALFORMED, "the registry's tails are not as they should be")
        folder = Path(indy_client_dir("tails", create=True))
        if (folder / name).exists():
            return
        partial = folder / f".{name}"
        await self._fetcher.download(location, partial, max_bytes=(2 * credentials + 2) * TAILS_BYTES)
        if await asyncio.to_thread(_digest, partial) != name:
            partial.unlink()
            raise DocumentRefused(Reason.WRONG_DIGEST, "the tails file is another one")
        partial.replace(folder / name)


def as_acapy_error(error: SignedDocumentError) -> BaseAnonCredsError:
    """The error under which ACA-Py does the right thing.

    Never `AnonCredsResolutionError`: ACA-Py's holder takes it for "ask the Indy ledger instead".
    """
    if isinstance(error, DocumentUnavailable):
        return RegistryUnavailable("The registry did not answer.")
    return ObjectRefused("What the registry says cannot be used.")


def _digest(file: Path) -> str:
    return base58.b58encode(hashlib.sha256(file.read_bytes()).digest()).decode()
