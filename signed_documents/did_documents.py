"""The DID document of an organisation, in the form that ACA-Py and stock Credo-TS both accept."""

from typing import Any

import base58
from pydid import DIDDocument, DIDUrl, VerificationMethod
from pydid.verification_method import Ed25519VerificationKey2018, Ed25519VerificationKey2020, Multikey

from signed_documents.encoding import JsonObject, from_base58btc, from_multikey, multikey
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid

_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/ed25519-2018/v1"]

ED25519_BYTES = 32
_AUDIT = "audit-"
"""How the names of keys begin that sign checkpoints."""
_CREDENTIAL = "key-2018"
"""How the names of keys begin that sign JSON-LD credentials; a suffix tells later ones apart."""


def credential_key_id(did: str, name: str = _CREDENTIAL) -> str:
    """The verification method that signs JSON-LD credentials."""
    return f"{did}#{name}"


def next_credential_key_name(document: JsonObject) -> str:
    """What the next key is called that signs JSON-LD credentials. No name is given twice."""
    names = (method["id"].partition("#")[2] for method in document["verificationMethod"])
    ours = [name for name in names if name == _CREDENTIAL or name.startswith(f"{_CREDENTIAL}-")]
    newest = max(int(name.removeprefix(_CREDENTIAL).lstrip("-") or 1) for name in ours)
    return f"{_CREDENTIAL}-{newest + 1}"


def resource_key_id(did: str, public_key: bytes) -> str:
    """The verification method that signs attested resources."""
    return f"{did}#{multikey(public_key)}"


def checkpoint_key_id(did: str, public_key: bytes) -> str:
    """The verification method that signs the checkpoints of the audit, and nothing else."""
    return f"{did}#{_AUDIT}{multikey(public_key)}"


def key_purpose_of(name: str) -> str:
    """What a key so called in an organisation's document signs: `credential`, `audit`, or else `resource`."""
    if name == _CREDENTIAL or name.startswith(f"{_CREDENTIAL}-"):
        return "credential"
    return "audit" if name.startswith(_AUDIT) else "resource"


def did_web(did: str) -> str:
    """The did:web of the same place as a did:webvh, which may still hold the placeholder of its SCID."""
    return ":".join(("did:web", *did.split(":")[3:]))


def organisation_document(
    did: str, *, credential_key: bytes, resource_key: bytes, audit_key: bytes
) -> JsonObject:
    """The first document of a DID, with its keys and its other name.

    `did` may still hold the placeholder of a DID that is being created, so this is plain JSON; a verified
    document is a `pydid.DIDDocument`.
    """
    empty = {
        "@context": list(_CONTEXT),
        "id": did,
        "alsoKnownAs": [did_web(did)],
        "verificationMethod": [],
        "authentication": [],
        "assertionMethod": [],
    }
    return with_audit_key(with_assertion_keys(empty, _CREDENTIAL, credential_key, resource_key), audit_key)


def with_assertion_keys(
    document: JsonObject, credential_key_name: str, credential_key: bytes, resource_key: bytes
) -> JsonObject:
    """`document` with new keys that sign from now on; what the ones before signed goes on being verified.

    Ed25519 keys, the 2018 one first: ACA-Py takes the first for JSON-LD, stock Credo wants it so. Only the
    new ones answer for the organisation (`authentication`).
    """
    did = document["id"]
    methods = [
        {
            "id": credential_key_id(did, credential_key_name),
            "type": "Ed25519VerificationKey2018",
            "controller": did,
            "publicKeyBase58": base58.b58encode(credential_key).decode(),
        },
        _multikey_method(did, resource_key_id(did, resource_key), resource_key),
    ]
    references = [method["id"] for method in methods]
    return document | {
        "verificationMethod": [*methods, *document["verificationMethod"]],
        "authentication": references,
        "assertionMethod": [*references, *document["assertionMethod"]],
    }


def with_audit_key(document: JsonObject, audit_key: bytes) -> JsonObject:
    """`document` with a key for the audit, after those that are there.

    It stands under no relationship: it can neither issue nor answer for the organisation.
    """
    did = document["id"]
    method = _multikey_method(did, checkpoint_key_id(did, audit_key), audit_key)
    return document | {"verificationMethod": [*document["verificationMethod"], method]}


def without_key(document: JsonObject, method_id: str) -> JsonObject:
    """`document` without a key: what it signed does not verify any more."""
    return document | {
        "verificationMethod": [each for each in document["verificationMethod"] if each["id"] != method_id],
        "authentication": [each for each in document["authentication"] if each != method_id],
        "assertionMethod": [each for each in document["assertionMethod"] if each != method_id],
    }


def with_service(document: JsonObject, name: str, kind: str, endpoint: str) -> JsonObject:
    """`document` with the service `#name`, in place of one that is so called."""
    service = {"id": f"{document['id']}#{name}", "type": kind, "serviceEndpoint": endpoint}
    return document | {"service": [*without_service(document, name).get("service", []), service]}


def without_service(document: JsonObject, name: str) -> JsonObject:
    """`document` without the service `#name`."""
    removed = {f"#{name}", f"{document['id']}#{name}"}
    services = [each for each in document.get("service", []) if each["id"] not in removed]
    rest = {key: value for key, value in document.items() if key != "service"}
    return rest | ({"service": services} if services else {})


def moved_document(document: JsonObject, before: str, to: WebvhDid) -> JsonObject:
    """`document` under the name that its DID has in another place, with the former one among its others."""
    did = str(to)
    others = [each for each in document.get("alsoKnownAs", []) if each not in (did, did_web(before))]
    renamed = _renamed({key: value for key, value in document.items() if key != "alsoKnownAs"}, before, did)
    return {**renamed, "alsoKnownAs": list(dict.fromkeys([did_web(did), before, *others]))}


def _renamed(value: Any, before: str, did: str) -> Any:  # noqa: ANN401  # whatever JSON holds
    """`value` in which every mention of the DID `before`, alone or within its DID URLs, is of `did`."""
    if isinstance(value, dict):
        return {key: _renamed(each, before, did) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, before, did) for each in value]
    if isinstance(value, str) and (value == before or value.startswith((f"{before}#", f"{before}/"))):
        return did + value.removeprefix(before)
    return value


def _multikey_method(did: str, name: str, key: bytes) -> JsonObject:
    return {"id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(key)}


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
                return _of_length(from_base58btc(f"z{method.public_key_base58}"))
    except ValueError as error:
        raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the key's material cannot be read") from error
    raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the key is not an Ed25519 key")


def _of_length(key: bytes) -> bytes:
    if len(key) != ED25519_BYTES:
        raise ValueError("not the length of an Ed25519 key")
    return key
