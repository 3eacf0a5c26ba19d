"""did:webvh logs (did:webvh 1.0): the first entry of a new DID, further entries, and their verification.

The rules are those of the library `did_webvh`; what is ours is that a hostile log is refused, never a crash.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from did_webvh.const import SCID_PLACEHOLDER
from did_webvh.core.state import DocumentState, check_version_time, verify_state_proofs
from did_webvh.provision import provision_did
from did_webvh.verify import WebvhVerifier
from pydid import DIDDocument

from signed_documents.encoding import JsonObject, multihash_base58, multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer
from signed_documents.proofs import make_proof

MAX_LOG_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """A log whose every entry was verified, and the document that its last entry states."""

    did: WebvhDid
    document: DIDDocument
    document_json: JsonObject
    entries: tuple[bytes, ...]
    version_id: str
    updated: datetime
    portable: bool
    deactivated: bool

    @property
    def version_number(self) -> int:
        return len(self.entries)

    @property
    def text(self) -> bytes:
        return b"".join(entry + b"\n" for entry in self.entries)

    def extends(self, earlier: "VerifiedLog") -> bool:
        """Whether this log is `earlier` and perhaps more entries: nothing changed or taken away."""
        return self.entries[: len(earlier.entries)] == earlier.entries


async def create_log(
    host: str,
    path: tuple[str, ...],
    document: Callable[[str], JsonObject],
    *,
    update_key: Signer,
    next_key: bytes,
    created: datetime,
) -> VerifiedLog:
    """The log of a new DID: portable, with pre-rotation.

    `document` makes the DID document for a given DID; it is called with a placeholder. `update_key` must
    be named as a did:key (`did_key_method`); `next_key` is the public key that will sign the next entry.
    """
    placeholder = ":".join(("did", "webvh", SCID_PLACEHOLDER, host, *path))
    parameters = {**_rotation(update_key, next_key), "portable": True}
    state = provision_did(document(placeholder), params=parameters, timestamp=created)
    return await _signed(state, (), update_key, created)


async def extend_log(
    log: VerifiedLog, document: JsonObject, *, update_key: Signer, next_key: bytes, created: datetime
) -> VerifiedLog:
    """`log` with one entry more. `update_key` is the key that the last entry announced as next."""
    state = _last_state(log.entries).create_next(
        document, params_update=_rotation(update_key, next_key), timestamp=created
    )
    return await _signed(state, log.entries, update_key, created)


def verify_log(log: bytes, did: WebvhDid, *, now: datetime) -> VerifiedLog:
    """Verify every entry of `log`, and that it is `did`'s, which is still in use.

    Blocks for about a millisecond an entry. Raises `DocumentRefused` with the reason, whatever is wrong.
    """
    verified = verify_history(log, did, now=now)
    if verified.deactivated:
        raise DocumentRefused(Reason.DEACTIVATED, "the DID was deactivated by its owner")
    return verified


def verify_history(log: bytes, did: WebvhDid, *, now: datetime) -> VerifiedLog:
    """The same, also of a DID that was deactivated, for whoever keeps logs. Nothing may follow that entry."""
    if len(log) > MAX_LOG_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the log is larger than any we accept")
    entries = tuple(line for line in log.split(b"\n") if line)
    try:
        state = _verified_state(entries, now)
    except DocumentRefused:
        raise
    except Exception as error:  # did_webvh 1.0.1 raises whatever a hostile log makes it stumble over
        raise DocumentRefused(Reason.BAD_LOG, f"the log does not verify ({type(error).__name__})") from error
    return _verified_log(state, entries, did)


def _verified_state(entries: tuple[bytes, ...], now: datetime) -> DocumentState:
    if not entries:
        raise DocumentRefused(Reason.BAD_LOG, "the log is empty")
    verifier = WebvhVerifier(verify_proofs=False)  # proofs are verified below, without an executor
    previous: DocumentState | None = None
    for number, entry in enumerate(entries, start=1):
        if previous is not None and previous.deactivated:
            raise DocumentRefused(Reason.DEACTIVATED, "the log goes on after its DID was deactivated")
        state = DocumentState.load_history_json(entry.decode(), previous)
        state.check_version_id()
        verifier.verify_state(state, previous, number == len(entries))
        check_version_time(state, previous, enforce_future_skew=True, now=now)
        verify_state_proofs(state, previous)
        if state.witness_rule is not None and state.witness_rule.threshold:
            raise DocumentRefused(Reason.NEEDS_WITNESSES, "the log demands witnesses, whom we cannot ask yet")
        previous = state
    return state


def _verified_log(state: DocumentState, entries: tuple[bytes, ...], did: WebvhDid) -> VerifiedLog:
    if state.document_id != str(did) or state.scid != did.scid:
        raise DocumentRefused(Reason.OTHER_IDENTIFIER, "the log is another DID's")
    try:
        document = DIDDocument.deserialize(state.document)
    except Exception as error:  # pydid raises ValueError, and others from its indexing
        raise DocumentRefused(Reason.MALFORMED, "the DID document cannot be read") from error
    return VerifiedLog(
        did,
        document,
        state.document_copy(),
        entries,
        state.version_id,
        state.timestamp,
        state.portable,
        state.deactivated,
    )


async def _signed(
    state: DocumentState, before: tuple[bytes, ...], update_key: Signer, created: datetime
) -> VerifiedLog:
    state.proofs.append(await make_proof(state.history_line(), update_key, created=created))
    entry = json.dumps(state.history_line(), separators=(",", ":")).encode()
    # Verified as a stranger would, so that we never publish what nobody can read.
    return verify_log(b"\n".join((*before, entry)), WebvhDid.parse(state.document_id), now=state.timestamp)


def _last_state(entries: tuple[bytes, ...]) -> DocumentState:
    state: DocumentState | None = None
    for entry in entries:
        state = DocumentState.load_history_json(entry.decode(), state)
    if state is None:
        raise DocumentRefused(Reason.BAD_LOG, "the log is empty")
    return state


def _rotation(update_key: Signer, next_key: bytes) -> JsonObject:
    """Who may sign this entry, and the commitment to who may sign the next (did:webvh 1.0, pre-rotation)."""
    current = update_key.verification_method.partition("#")[2]
    return {"updateKeys": [current], "nextKeyHashes": [multihash_base58(multikey(next_key).encode())]}
