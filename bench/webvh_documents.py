"""Logs of did:webvh DIDs for measurements: an organisation's document, and as many entries as wanted."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from did_webvh.core.state import DocumentState
from did_webvh.provision import provision_did

from signed_documents.did_documents import organisation_document
from signed_documents.encoding import JsonObject, multihash_base58, multikey
from signed_documents.keys import SoftwareSigner, did_key_method
from signed_documents.proofs import make_proof

_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GrowingLog:
    """A DID's log, and the key that signs its next entry."""

    text: bytes
    state: DocumentState
    next_key: Ed25519PrivateKey

    @property
    def did(self) -> str:
        return self.state.document_id

    async def grown(self, entries: int) -> "GrowingLog":
        """The same with so many entries more, each with a new update key, as after rotations."""
        log = self
        for _ in range(entries):
            upcoming = Ed25519PrivateKey.generate()
            state = log.state.create_next(
                params_update=_rotation(log.next_key, upcoming),
                timestamp=log.state.timestamp + timedelta(hours=1),
            )
            log = await _signed(log.text, state, log.next_key, upcoming)
        return log


async def new_log(host: str, *path: str) -> GrowingLog:
    """The first entry of a DID: portable, with pre-rotation, as ours are."""
    update, upcoming, credential, resource, audit = (Ed25519PrivateKey.generate() for _ in range(5))
    document = organisation_document(
        ":".join(("did", "webvh", "{SCID}", host, *path)),
        credential_key=_public(credential),
        resource_key=_public(resource),
        audit_key=_public(audit),
    )
    state = provision_did(
        document,
        params={**_rotation(update, upcoming), "portable": True},
        timestamp=_BEGUN,
    )
    return await _signed(b"", state, update, upcoming)


async def _signed(
    before: bytes, state: DocumentState, key: Ed25519PrivateKey, upcoming: Ed25519PrivateKey
) -> GrowingLog:
    signer = SoftwareSigner(key, did_key_method(_public(key)))
    state.proofs.append(await make_proof(state.history_line(), signer, created=state.timestamp))
    line = json.dumps(state.history_line(), separators=(",", ":")).encode()
    return GrowingLog(before + line + b"\n", state, upcoming)


def _rotation(key: Ed25519PrivateKey, upcoming: Ed25519PrivateKey) -> JsonObject:
    announced = multihash_base58(multikey(_public(upcoming)).encode())
    return {"updateKeys": [multikey(_public(key))], "nextKeyHashes": [announced]}


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()
