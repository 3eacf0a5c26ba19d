"""Linked data proofs with the suite Ed25519Signature2018, the one that stock wallets and ACA-Py share.

Contexts come from the caller, who has pinned them: nothing is fetched while a proof is made or checked. What
a context does not define is not signed either, so who verifies must know every term that it reads.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld

from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.keys import Signer
from signed_documents.proofs import ProofPurpose, iso_utc

SUITE = "Ed25519Signature2018"
_HEADER: JsonObject = {"alg": "EdDSA", "b64": False, "crit": ["b64"]}


class PinnedContexts:
    """JSON-LD contexts by their address; there are no others."""

    def __init__(self, contexts: Mapping[str, JsonObject]) -> None:
        self._documents = {
            url: {
                "contentType": "application/ld+json",
                "contextUrl": None,
                "documentUrl": url,
                "document": context,
            }
            for url, context in contexts.items()
        }

    def __call__(self, url: str, _options: Mapping[str, Any] | None = None) -> JsonObject:
        """As PyLD asks for it. Raises `DocumentRefused` for any other address."""
        try:
            return self._documents[url]
        except KeyError:
            raise DocumentRefused(Reason.UNKNOWN_CONTEXT, "a context that is not pinned") from None

    def get(self, url: str) -> JsonObject | None:
        """The pinned document, or None."""
        return self._documents.get(url)


type LoadContext = Callable[[str, Mapping[str, Any] | None], JsonObject]


async def make_linked_data_proof(
    document: JsonObject,
    signer: Signer,
    purpose: ProofPurpose,
    *,
    created: datetime,
    load: LoadContext,
    **made_for: str,
) -> JsonObject:
    """The proof of `document`, which has none. `made_for` are a presentation's `challenge` and `domain`."""
    proof: JsonObject = {
        "type": SUITE,
        "created": iso_utc(created),
        "verificationMethod": signer.verification_method,
        "proofPurpose": purpose.value,
        **made_for,
    }
    header = _base64url(json.dumps(_HEADER).encode())
    signature = await signer.sign(header + b"." + _digests(document, proof, load))
    return {**proof, "jws": (header + b".." + _base64url(signature)).decode()}


def verify_linked_data_proof(document: JsonObject, public_key: bytes, *, load: LoadContext) -> None:
    """Raise `DocumentRefused` unless the proof in `document` is `public_key`'s over all else in it.

    Blocks for some milliseconds.
    """
    proof: JsonObject = document["proof"]
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    try:
        header, nothing, signature = proof["jws"].encode().split(b".")
        if nothing or json.loads(_from_base64url(header)) != _HEADER:
            raise ValueError("another header")  # told like every other fault of form
        signed = header + b"." + _digests(unsigned, {k: v for k, v in proof.items() if k != "jws"}, load)
        Ed25519PublicKey.from_public_bytes(public_key).verify(_from_base64url(signature), signed)
    except (InvalidSignature, ValueError, AttributeError, TypeError, binascii.Error) as error:
        raise DocumentRefused(Reason.BAD_SIGNATURE, "the proof does not fit the document") from error


def _digests(document: JsonObject, proof: JsonObject, load: LoadContext) -> bytes:
    """The two digests that are signed: of the proof's own options, and of the document without it."""
    options = {**proof, "@context": document["@context"]}
    return b"".join(hashlib.sha256(_canonical(part, load)).digest() for part in (options, document))


def _canonical(document: JsonObject, load: LoadContext) -> bytes:
    options: Any = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    try:
        return str(jsonld.normalize(document, options)).encode()
    except (jsonld.JsonLdError, KeyError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "the document has no canonical form") from error


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _from_base64url(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
