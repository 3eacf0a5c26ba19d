"""The DID document of an organisation, in the form that ACA-Py and stock Credo-TS both accept."""

import base58
from pydid import DIDDocument, DIDUrl, VerificationMethod
from pydid.verification_method import Ed25519VerificationKey2018, Ed25519VerificationKey2020, Multikey

from signed_documents.encoding import JsonObject, from_multikey, multikey
from signed_documents.errors import DocumentRefused, Reason

_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/ed25519-2018/v1"]

ED25519_BYTES = 32
_AUDIT = "audit-"
"""How the names of keys begin that sign checkpoints."""


def credential_key_id(did: str) -> str:
    """The verification method that signs JSON-LD credentials."""
    return f"{did}#key-2018"


def resource_key_id(did: str, public_key: bytes) -> str:
    """The verification method that signs attested resources."""
    return f"{did}#{multikey(public_key)}"


def checkpoint_key_id(did: str, public_key: bytes) -> str:
    """The verification method that signs the checkpoints of the audit, and nothing else."""
    return f"{did}#{_AUDIT}{multikey(public_key)}"


def organisation_document(
    did: str, *, credential_key: bytes, resource_key: bytes, audit_key: bytes
) -> JsonObject:
    """Ed25519 keys, the 2018 one first: ACA-Py takes the first for JSON-LD, stock Credo wants it so.

    The audit's key stands under no relationship: it can neither issue nor answer for the organisation.
    `did` may still hold the placeholder of a DID that is being created, so this is plain JSON; a verified
    document is a `pydid.DIDDocument`.
    """
    methods = [
        {
            "id": credential_key_id(did),
            "type": "Ed25519VerificationKey2018",
            "controller": did,
            "publicKeyBase58": base58.b58encode(credential_key).decode(),
        },
        {
            "id": resource_key_id(did, resource_key),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey(resource_key),
        },
    ]
    audit = {
        "id": checkpoint_key_id(did, audit_key),
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multikey(audit_key),
    }
    references = [method["id"] for method in methods]
    return {
        "@context": list(_CONTEXT),
        "id": did,
        "verificationMethod": [*methods, audit],
        "authentication": references,
        "assertionMethod": list(references),
    }


def assertion_key(document: DIDDocument, method_id: str) -> bytes:
    """The Ed25519 public key called `method_id`, if `document` lets it make assertions.

    Raises `DocumentRefused` when another DID controls it, when it is not listed under `assertionMethod`,
    or when its material cannot be read.
    """
    for entry in document.assertion_method or ():
        method = _dereferenced(document, entry)
        if method is not None and str(method.id) == method_id:
            return _public_key(document, method)
    raise DocumentRefused(Reason.KEY_NOT_ASSERTED, "the key does not stand under assertionMethod")


def checkpoint_key(document: DIDDocument, method_id: str) -> bytes:
    """The Ed25519 public key called `method_id`, if `document` has it for the checkpoints of its audit.

    Raises `DocumentRefused` for any other key.
    """
    methods = {str(method.id): method for method in document.verification_method or ()}
    if method_id not in methods or not method_id.startswith(f"{document.id}#{_AUDIT}"):
        raise DocumentRefused(Reason.OTHER_SIGNER, "the key is none of the organisation's audit")
    return _public_key(document, methods[method_id])


def _dereferenced(document: DIDDocument, entry: DIDUrl | VerificationMethod) -> VerificationMethod | None:
    if isinstance(entry, VerificationMethod):
        return entry
    return next((method for method in document.verification_method or () if method.id == entry), None)


def _public_key(document: DIDDocument, method: VerificationMethod) -> bytes:
    if str(method.controller) != str(document.id):
        raise DocumentRefused(Reason.OTHER_SIGNER, "another DID controls the key")
    try:
        match method:
            case Multikey() | Ed25519VerificationKey2020():
                return from_multikey(method.public_key_multibase)
            case Ed25519VerificationKey2018():
                return _of_length(base58.b58decode(method.public_key_base58))
    except ValueError as error:
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the key's material cannot be read") from error
    raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the key is not an Ed25519 key")


def _of_length(key: bytes) -> bytes:
    if len(key) != ED25519_BYTES:
        raise ValueError("not the length of an Ed25519 key")
    return key
