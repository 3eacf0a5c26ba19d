"""Checkpoints of the audit: signed with the DID's audit key, and published beside the DID."""

from collections.abc import Sequence
from datetime import datetime

from acapy_agent.core.profile import Profile

from agent.domain.ports.audit import ChainState, CheckpointPublisher, CheckpointSigner
from agent.domain.ports.identity import OrganisationIdentity
from agent.webvh.identity import StoredIdentity
from agent.webvh.keys import public_key
from agent.webvh.publisher import RegistryPublisher
from signed_documents.checkpoints import Checkpoint, Extension, sign_checkpoint
from signed_documents.identifiers import WebvhDid


class WebvhCheckpoints(CheckpointSigner, CheckpointPublisher):
    """One wallet's. A DID that was made before audits were signed gets its key for them here."""

    def __init__(
        self, profile: Profile, identity: OrganisationIdentity, publisher: RegistryPublisher
    ) -> None:
        self._profile = profile
        self._own = identity
        self._publisher = publisher

    async def checkpoint(self, size: int, root: bytes, *, at: datetime) -> bytes:
        identity = await self._identity()
        signer = identity.checkpoint_signer(self._profile)
        said = Checkpoint(identity.did, size, root, at)
        return await sign_checkpoint(said, signer, public_key(str(identity.audit_key)))

    async def published(self) -> ChainState | None:
        """Asked before anything is signed, so here a DID without audit key gets one, and publishes it."""
        identity = await self._identity()
        if identity.audit_key is None:
            await self._own.ensure()
        found = await self._publisher.published_checkpoint(WebvhDid.parse(identity.did))
        return None if found is None else ChainState(found.size, found.root)

    async def publish(self, note: bytes, *, after: int, proof: Sequence[bytes]) -> None:
        did = WebvhDid.parse((await self._identity()).did)
        await self._publisher.checkpoint(did, Extension(note, after, tuple(proof)))

    async def _identity(self) -> StoredIdentity:
        return await StoredIdentity.in_use(self._profile)
