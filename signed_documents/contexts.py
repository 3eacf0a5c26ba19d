"""Which JSON-LD contexts are pinned, and to what content: a name on the web says nothing of it."""

import hashlib
from collections.abc import Mapping

from signed_documents.encoding import JsonObject, canonical_json
from signed_documents.errors import DocumentRefused, Reason

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
SUBMISSION_V1 = "https://identity.foundation/presentation-exchange/submission/v1"
W3C_DIGESTS: Mapping[str, str] = {
    CREDENTIALS_V1: "b01e671e873981f19a9102a9a57f666dbcaeb31b99e3e124378d143e71549247",
    CREDENTIALS_V2: "9a61f28daedd4ea0cd07e38205eff27ea05315226fbcaa994fff7b79b75e7a8e",
    SUBMISSION_V1: "eb5815132f1f16206a31da527e5da4070f093974fc94e158f727a971d15dbcea",
    "https://w3id.org/security/v1": "d87de2ce3ce407bcac481f8af31e211e54beb5cbd7dd459826ed0502302ee234",
    "https://w3id.org/security/v2": "38a9ef19cf3a75bf856202bd1ed4cbd55c985ad4a809eb7f4ef584ba9d51dc90",
    "https://www.w3.org/ns/did/v1": "a7e146c40fcec005d3f0f14ae745665f446da58d7914a9d8f733746686fad82b",
}
"""By address, as `context_digest` has it: those that ACA-Py carries and we use."""

_SECURITY = "https://w3id.org/security#"
DID_DOCUMENT_CONTEXTS: Mapping[str, JsonObject] = {
    "https://w3id.org/security/suites/ed25519-2018/v1": {
        "@context": {
            "id": "@id",
            "type": "@type",
            "Ed25519VerificationKey2018": f"{_SECURITY}Ed25519VerificationKey2018",
            "controller": {"@id": f"{_SECURITY}controller", "@type": "@id"},
            "publicKeyBase58": f"{_SECURITY}publicKeyBase58",
            "Multikey": f"{_SECURITY}Multikey",
            "publicKeyMultibase": f"{_SECURITY}publicKeyMultibase",
        }
    },
    "https://identity.foundation/linked-vp/contexts/v1": {
        "@context": {"LinkedVerifiablePresentation": "https://identity.foundation/linked-vp#presentation"}
    },
}
"""What DID documents name and ACA-Py does not carry: the terms that are read there, under their own IRIs.

Nothing is signed over these: did:webvh signs its documents as JSON.
"""


def context_digest(context: JsonObject) -> str:
    """The SHA-256, in hexadecimal digits, of a context's canonical JSON (RFC 8785)."""
    return hashlib.sha256(canonical_json(context)).hexdigest()


def require_digest(url: str, context: JsonObject, digest: str) -> JsonObject:
    """`context`, if it is the one that was pinned. Raises `DocumentRefused`."""
    if context_digest(context) != digest:
        raise DocumentRefused(Reason.WRONG_DIGEST, f"{url} has another content than the one that is pinned")
    return context
