"""Data integrity proofs with the suite eddsa-jcs-2022 (W3C vc-di-eddsa, section 3.3)."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from signed_documents.encoding import JsonObject, base58btc, canonical_json, from_base58btc
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import Signer

CRYPTOSUITE = "eddsa-jcs-2022"
FIXED = {"type": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE}


class ProofPurpose(StrEnum):
    """What a proof is for."""

    ASSERTION = "assertionMethod"  # of a credential or another statement, by its issuer
    AUTHENTICATION = "authentication"  # of a presentation, by its holder


def iso_utc(moment: datetime) -> str:
    """Whole seconds with a `Z`, as did:webvh writes time."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


async def make_proof(
    document: JsonObject,
    signer: Signer,
    *,
    created: datetime,
    context: Sequence[str] = (),
    purpose: ProofPurpose = ProofPurpose.ASSERTION,
    **made_for: str,
) -> JsonObject:
    """Sign `document`, any `proof` in it left aside.

    A verifiable credential's proof repeats its `context`; an attested resource's does not. `made_for` are a
    presentation's `challenge` and `domain`.
    """
    options: JsonObject = {"@context": list(context)} if context else {}
    options |= {**FIXED, "proofPurpose": purpose.value, "verificationMethod": signer.verification_method}
    options |= {"created": iso_utc(created), **made_for}
    signature = await signer.sign(_signed_bytes(document, options))
    return {**options, "proofValue": base58btc(signature)}


def claimed_method(proof: object, purpose: ProofPurpose = ProofPurpose.ASSERTION) -> str:
    """The verification method that `proof` names, once its form is one that we verify."""
    wanted = {**FIXED, "proofPurpose": purpose.value}
    if not isinstance(proof, dict) or any(proof.get(key) != value for key, value in wanted.items()):
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, f"expected one {CRYPTOSUITE} proof for {purpose}")
    method = proof.get("verificationMethod")
    if not isinstance(method, str):
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the proof names no verification method")
    return method


def verify_proof(document: JsonObject, proof: JsonObject, public_key: bytes) -> None:
    """Raise `DocumentRefused` unless `proof` is `public_key`'s signature over `document`."""
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise DocumentRefused(Reason.BAD_SIGNATURE, "the proof is of another context")
    try:
        signature = from_base58btc(proof["proofValue"])
        options = {key: value for key, value in proof.items() if key != "proofValue"}
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed_bytes(document, options))
    except (InvalidSignature, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DocumentRefused(Reason.BAD_SIGNATURE, "the proof does not fit the document") from error


def _signed_bytes(document: JsonObject, options: JsonObject) -> bytes:
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return b"".join(hashlib.sha256(canonical_json(part)).digest() for part in (options, unsecured))
