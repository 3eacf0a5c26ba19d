"""Signed checkpoints of a log: how long it was, and the root of its Merkle tree then.

A checkpoint is a signed note, as transparency logs write it and their tools read it (C2SP `tlog-checkpoint`,
`signed-note`):

    did:webvh:…/audit          whose log it is
    1042                       how many entries
    h2C…=                      the root (RFC 6962), base64
    at 2026-10-05T09:00:00Z    when

    — did:webvh:…#audit-z6Mk… q83v…=
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydid import DIDDocument

from signed_documents.did_documents import checkpoint_key
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import Signer

MAX_CHECKPOINT_BYTES = 4096
MAX_PROOF = 128  # hashes; a proof has at most twice the levels of its tree
_ED25519 = b"\x01"
_NOTE = re.compile(
    r"(?P<did>did:webvh:[^\s+/]+)/audit\n"
    r"(?P<size>0|[1-9][0-9]{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"at (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n"
    r"\n"
    r"\N{EM DASH} (?P<key>[^\s+]+) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one organisation says of its own log. Only what `verify_checkpoint` returned is signed."""

    did: str
    size: int
    root: bytes
    at: datetime

    def text(self) -> str:
        """What is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.did}/audit\n{self.size}\n{root}\nat {self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"


async def sign_checkpoint(checkpoint: Checkpoint, signer: Signer, public_key: bytes) -> bytes:
    """The note; `signer` is named by its verification method in the DID's document."""
    text, name = checkpoint.text(), signer.verification_method
    signature = _key_hash(name, public_key) + await signer.sign(text.encode())
    return f"{text}\n\N{EM DASH} {name} {base64.b64encode(signature).decode()}\n".encode()


def claimed(note: bytes) -> Checkpoint:
    """What it says, which is yet to be verified, or was before it was kept. Raises `DocumentRefused`."""
    return _claimed(_parts(note))


def verify_checkpoint(note: bytes, signer: DIDDocument) -> Checkpoint:
    """The checkpoint in `note`, if the DID whose verified document `signer` is signed it with an audit key.

    Raises `DocumentRefused` with the reason.
    """
    parts = _parts(note)
    if parts["did"] != str(signer.id):
        raise DocumentRefused(Reason.OTHER_SIGNER, "the checkpoint is another organisation's")
    public_key = checkpoint_key(signer, parts["key"])
    checkpoint = _claimed(parts)
    _require_signature(checkpoint, parts["key"], _decoded(parts["signature"]), public_key)
    return checkpoint


def _parts(note: bytes) -> dict[str, str]:
    if len(note) > MAX_CHECKPOINT_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the checkpoint is larger than any we accept")
    try:
        found = _NOTE.fullmatch(note.decode())
    except UnicodeDecodeError as error:
        raise DocumentRefused(Reason.MALFORMED, "the checkpoint is not text") from error
    if found is None:
        raise DocumentRefused(Reason.MALFORMED, "this is not a signed checkpoint")
    return found.groupdict()


def _claimed(parts: dict[str, str]) -> Checkpoint:
    root, at = _decoded(parts["root"]), _instant(parts["at"])
    return Checkpoint(parts["did"], int(parts["size"]), root, at)


def _decoded(text: str) -> bytes:
    """Base64, written in the one way in which it is: others read the text, and not what we make of it."""
    data = base64.b64decode(text)
    if base64.b64encode(data).decode() != text:
        raise DocumentRefused(Reason.MALFORMED, "the checkpoint's base64 is not written as it must be")
    return data


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the checkpoint's time is none") from error


def _require_signature(checkpoint: Checkpoint, key: str, signature: bytes, public_key: bytes) -> None:
    key_hash, signature = signature[:4], signature[4:]
    try:
        if key_hash != _key_hash(key, public_key):
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, checkpoint.text().encode())
    except InvalidSignature as error:
        raise DocumentRefused(Reason.BAD_SIGNATURE, "the checkpoint's signature does not verify") from error


def _key_hash(name: str, public_key: bytes) -> bytes:
    """Four bytes by which a reader finds the key (C2SP `signed-note`)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


@dataclass(frozen=True, slots=True)
class Extension:
    """A checkpoint that is to take the place of one of `after` entries, and the proof that it extends it.

    On the wire as witnesses of transparency logs take it (C2SP `tlog-witness`, `add-checkpoint`).
    """

    note: bytes
    after: int
    proof: tuple[bytes, ...]

    def encoded(self) -> bytes:
        lines = [f"old {self.after}", *(base64.b64encode(each).decode() for each in self.proof)]
        return "\n".join(lines).encode() + b"\n\n" + self.note

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises `DocumentRefused`."""
        said, _, note = body.partition(b"\n\n")
        first, *hashes = said.split(b"\n")
        if not re.fullmatch(rb"old (0|[1-9][0-9]{0,18})", first) or len(hashes) > MAX_PROOF:
            raise DocumentRefused(Reason.MALFORMED, "this does not say which checkpoint it extends")
        try:
            proof = tuple(base64.b64decode(each, validate=True) for each in hashes)
        except ValueError as error:
            raise DocumentRefused(Reason.MALFORMED, "the proof is not base64") from error
        return cls(note, int(first.removeprefix(b"old ")), proof)
