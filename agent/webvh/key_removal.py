"""Taking a retired key out of the DID's document: what then stops verifying, and what is signed anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.profile import Profile

from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.issued_credentials import IssuedCredentials
from agent.webvh.identity import StoredIdentity
from agent.webvh.publisher import RegistryPublisher
from signed_documents.attested_resources import ResourceType, VerifiedResource, attest
from signed_documents.errors import DocumentNotFound, DocumentUnavailable
from signed_documents.key_history import DocumentKey, KeyUse
from signed_documents.resolution import WebvhReader


@dataclass(frozen=True, slots=True)
class Removal:
    """What taking a retired key out of the document means."""

    key: DocumentKey
    credentials: int
    """How many that still hold may be signed with it, and stop verifying."""
    resources: tuple[str, ...]
    """Attested resources that it signed; they are signed anew first, and go on verifying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRemoval:
    """One wallet's."""

    profile: Profile
    publisher: RegistryPublisher
    reader: Callable[[], WebvhReader]
    """Makes one that remembers nothing: what was signed anew is to be seen."""
    clock: Callable[[], datetime]

    async def would_stop(self, key: str) -> Removal:
        """Raises `NotFound`, `Conflict` for a key that signs, `Unavailable`."""
        identity = await StoredIdentity.in_use(self.profile)
        found = self._retired(identity, key)
        signed = await self._signed_with(identity, found)
        return Removal(found, await self._credentials(found), tuple(str(each.id) for each in signed))

    async def begin(self, key: str, *, stops: int) -> None:
        """Sign anew whatever can be, once `stops` shows that somebody knows what cannot.

        Raises as `would_stop` does, and `Conflict` for another number.
        """
        identity = await StoredIdentity.in_use(self.profile)
        found = self._retired(identity, key)
        credentials = await self._credentials(found)
        if stops != credentials:
            sentence = f"{credentials} credentials would stop verifying, not {stops}: repeat that number."
            raise Conflict(sentence, code="removal_not_confirmed")
        for each in await self._signed_with(identity, found):
            await self._sign_anew(identity, each)

    def _retired(self, identity: StoredIdentity, name: str) -> DocumentKey:
        log = identity.verified_log(self.clock())
        keys = identity.keys(log) if log is not None else ()
        key = next((each for each in keys if each.name == name), None)
        if key is None:
            raise NotFound("The DID's document has no such key.")
        if key.until is None:
            raise Conflict("That key signs now. Rotate it first.", code="key_in_use")
        if self.clock() < key.until:
            sentence = f"That key signs until {key.until:%H:%M:%S} UTC, when new ones take over."
            raise Conflict(sentence, code="key_in_use")
        return key

    async def _credentials(self, key: DocumentKey) -> int:
        """Those that hold and may be signed with `key`; none where nobody issues."""
        issued = self.profile.inject_or(IssuedCredentials)
        if issued is None or key.use is KeyUse.AUDIT or key.until is None:
            return 0
        return await issued.holding(key.since, key.until)

    async def _signed_with(self, identity: StoredIdentity, key: DocumentKey) -> Sequence[VerifiedResource]:
        if key.use is not KeyUse.RESOURCE:
            return ()
        method = f"{identity.did}#{key.name}"
        try:
            return [each for each in await self._resources(identity) if each.signed_by == method]
        except (DocumentUnavailable, DocumentNotFound) as error:
            raise Unavailable("The registry does not answer.", code="registry_unavailable") from error

    async def _resources(self, identity: StoredIdentity) -> Sequence[VerifiedResource]:
        """Everything that was published under this DID and that this wallet made."""
        reader, issuer = self.reader(), AnonCredsIssuer(self.profile)
        schemas = await issuer.get_created_schemas(issuer_id=identity.did)
        definitions = await issuer.get_created_credential_definitions(issuer_id=identity.did)
        registries = await AnonCredsRevocation(self.profile).get_created_revocation_registry_definitions()
        found = [await reader.resource(each, ResourceType.SCHEMA) for each in schemas]
        found += [await reader.resource(each, ResourceType.CREDENTIAL_DEFINITION) for each in definitions]
        for name in registries:
            if name.startswith(f"{identity.did}/"):
                registry = await reader.resource(name, ResourceType.REVOCATION_REGISTRY)
                lists = [
                    await reader.resource(str(link.id), ResourceType.STATUS_LIST) for link in registry.links
                ]
                found += [*lists, registry]
        return found

    async def _sign_anew(self, identity: StoredIdentity, signed: VerifiedResource) -> None:
        resource = await attest(
            signed.content,
            resource_type=signed.type,
            name=signed.name,
            signer=identity.resource_signer(self.profile),
            created=self.clock(),
            links=signed.links,
        )
        await self.publisher.resource(resource)
