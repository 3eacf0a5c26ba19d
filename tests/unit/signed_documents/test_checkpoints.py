"""A checkpoint is what one organisation's audit key says of its own log, and nothing else passes for one."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydid import DIDDocument

from signed_documents.checkpoints import Checkpoint, claimed, sign_checkpoint, verify_checkpoint
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import SoftwareSigner
from signed_documents.merkle import EMPTY_ROOT, leaf_hash
from tests.support.signing import NOON, Publisher, a_publisher, public

ROOT = leaf_hash(b"an entry")


async def test_a_checkpoint_says_whose_log_was_how_long_with_which_root_and_when() -> None:
    northmoor = await a_publisher()

    note = await northmoor.checkpoint(42, ROOT)

    assert verify_checkpoint(note, northmoor.log.document) == Checkpoint(northmoor.did, 42, ROOT, NOON)
    assert claimed(note) == Checkpoint(northmoor.did, 42, ROOT, NOON)


async def test_a_checkpoint_is_a_signed_note_as_transparency_logs_write_it() -> None:
    """C2SP signed-note: four bytes of SHA-256 over name, newline, algorithm and key, then the signature."""
    northmoor = await a_publisher()
    text, _, signatures = (await northmoor.checkpoint(42, ROOT)).decode().partition("\n\n")
    origin, size, root, at = text.split("\n")
    dash, name, encoded = signatures.rstrip("\n").split(" ")
    key, signature = public(northmoor.audit_key), base64.b64decode(encoded)

    assert (origin, size, at) == (f"{northmoor.did}/audit", "42", "at 2026-11-02T12:00:00Z")
    assert base64.b64decode(root) == ROOT
    assert (dash, signature[:4]) == ("—", hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4])
    Ed25519PublicKey.from_public_bytes(key).verify(signature[4:], f"{text}\n".encode())


@pytest.mark.parametrize(
    ("said", "instead"),
    [("\n42\n", "\n43\n"), ("at 2026", "at 2027"), (base64.b64encode(ROOT).decode(), "A" * 43 + "=")],
)
async def test_a_checkpoint_that_was_altered_is_refused(said: str, instead: str) -> None:
    northmoor = await a_publisher()
    note = (await northmoor.checkpoint(42, ROOT)).decode().replace(said, instead)

    assert refused(note.encode(), northmoor) == Reason.BAD_SIGNATURE


async def test_another_organisations_checkpoint_is_refused() -> None:
    northmoor, calder_bay = await a_publisher(), await a_publisher("calder-bay")

    assert refused(await calder_bay.checkpoint(42, ROOT), northmoor) == Reason.OTHER_SIGNER


async def test_a_key_that_makes_assertions_signs_no_checkpoints() -> None:
    northmoor = await a_publisher()
    checkpoint = Checkpoint(northmoor.did, 42, ROOT, NOON)

    note = await sign_checkpoint(checkpoint, northmoor.signer, public(northmoor.resource_key))

    assert refused(note, northmoor) == Reason.OTHER_SIGNER


async def test_the_audits_key_makes_no_assertions() -> None:
    northmoor = await a_publisher()
    document = northmoor.log.document_json

    (audit,) = [method["id"] for method in document["verificationMethod"] if "#audit-" in method["id"]]

    assert audit not in [*document["assertionMethod"], *document["authentication"]]


async def test_a_checkpoint_holds_after_the_log_of_its_did_has_gone_on() -> None:
    northmoor = await a_publisher()
    note = await northmoor.checkpoint(42, ROOT)

    later = await northmoor.rotated(created=NOON + timedelta(days=1))

    assert verify_checkpoint(note, later.log.document).size == 42


@pytest.mark.parametrize(
    "change",
    [
        lambda _note: b"",
        lambda note: b"\xff" + note,
        lambda note: note[:-1],
        lambda note: note + note,
        lambda note: note.replace(b"\n42\n", b"\n-1\n"),
        lambda note: note.replace(b"\n42\n", b"\n042\n"),
        lambda note: note.replace(b"\n42\n", b"\n42\nand more\n"),
        lambda note: note.replace(b"-11-02T", b"-13-02T"),
    ],
)
async def test_what_is_no_checkpoint_is_refused_as_malformed(change: Callable[[bytes], bytes]) -> None:
    northmoor = await a_publisher()
    note = await northmoor.checkpoint(42, EMPTY_ROOT)

    assert refused(change(note), northmoor) == Reason.MALFORMED


async def test_the_text_that_others_read_is_the_one_that_was_signed() -> None:
    """The last letter of base64 has two bits that decode to nothing."""
    northmoor = await a_publisher()
    note = (await northmoor.checkpoint(42, EMPTY_ROOT)).decode()
    root = base64.b64encode(EMPTY_ROOT).decode()
    other = f"{root[:-2]}{chr(ord(root[-2]) + 1)}="

    assert base64.b64decode(other) == EMPTY_ROOT
    assert refused(note.replace(root, other).encode(), northmoor) == Reason.MALFORMED


async def test_an_audit_key_that_is_no_key_is_refused() -> None:
    """Whoever writes a DID document may write anything into it."""
    northmoor = await a_publisher()
    document = northmoor.log.document_json
    short = {
        "id": f"{northmoor.did}#audit-x",
        "type": "Ed25519VerificationKey2018",
        "controller": northmoor.did,
        "publicKeyBase58": base58.b58encode(bytes(31)).decode(),
    }
    hostile = DIDDocument.deserialize({**document, "verificationMethod": [short]})
    signer = SoftwareSigner(northmoor.audit_key, short["id"])
    note = await sign_checkpoint(Checkpoint(northmoor.did, 1, ROOT, NOON), signer, bytes(31))

    with pytest.raises(DocumentRefused) as refusal:
        verify_checkpoint(note, hostile)
    assert refusal.value.reason is Reason.UNSUPPORTED_PROOF


def refused(note: bytes, by: Publisher) -> Reason:
    with pytest.raises(DocumentRefused) as refusal:
        verify_checkpoint(note, by.log.document)
    return refusal.value.reason
