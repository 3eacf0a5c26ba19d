"""Attested resources (DIF did:webvh attested resources v0.1): content with a name made of its own digest.

We verify more than the public implementations do: besides proof, digest and id also that the signer is the
DID in the id and the issuer in the content, and that the key may make assertions.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from pydid import DIDDocument

from signed_documents.did_documents import assertion_key
from signed_documents.encoding import JsonObject, digest_multibase
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid
from signed_documents.keys import Signer
from signed_documents.proofs import claimed_method, make_proof, verify_proof

_CONTEXT = [
    "https://identity.foundation/did-attested-resources/context/v0.1",
    "https://w3id.org/security/data-integrity/v2",
]


class ResourceType(StrEnum):
    """`metadata.resourceType`, as stock Credo-TS writes it."""

    SCHEMA = "anonCredsSchema"
    CREDENTIAL_DEFINITION = "anonCredsCredDef"
    REVOCATION_REGISTRY = "anonCredsRevocRegDef"
    STATUS_LIST = "anonCredsStatusList"


# What a wallet reads without asking whether it is there.
_REQUIRED = {
    ResourceType.SCHEMA: {"attrNames", "name", "version"},
    ResourceType.CREDENTIAL_DEFINITION: {"schemaId", "type", "tag", "value"},
    ResourceType.REVOCATION_REGISTRY: {"revocDefType", "credDefId", "tag", "value"},
    ResourceType.STATUS_LIST: {"revRegDefId", "revocationList", "currentAccumulator", "timestamp"},
}


@dataclass(frozen=True, slots=True)
class StatusListLink:
    """One entry of a revocation registry: the status list that holds from `timestamp` (seconds, Unix) on."""

    id: ResourceId
    timestamp: int

    def to_json(self) -> JsonObject:
        return {"id": str(self.id), "type": ResourceType.STATUS_LIST.value, "timestamp": self.timestamp}


@dataclass(frozen=True, slots=True)
class VerifiedResource:
    """A resource that `verify_resource` accepted, now or before it was stored; nothing else makes one."""

    id: ResourceId
    type: ResourceType
    name: str
    content: JsonObject
    links: tuple[StatusListLink, ...]
    signed_by: str

    @property
    def did(self) -> WebvhDid:
        return self.id.did


def resource_id(did: str, content: JsonObject) -> str:
    """The name that `content` has when `did` publishes it: known before, and without, publishing."""
    return str(ResourceId(WebvhDid.parse(did), digest_multibase(content)))


async def attest(
    content: JsonObject,
    *,
    resource_type: ResourceType,
    name: str,
    signer: Signer,
    created: datetime,
    links: tuple[StatusListLink, ...] = (),
) -> JsonObject:
    """Sign `content` for its own `issuerId`.

    `links` are a revocation registry's; they may be appended to and the whole signed again under the same
    name, because the digest covers the content alone.
    """
    identifier = resource_id(content["issuerId"], content)
    resource: JsonObject = {
        "@context": list(_CONTEXT),
        "type": ["AttestedResource"],
        "id": identifier,
        "content": content,
        "metadata": {
            "resourceId": ResourceId.parse(identifier).digest,
            "resourceType": resource_type.value,
            "resourceName": name,
        },
    }
    if resource_type is ResourceType.REVOCATION_REGISTRY:
        resource["links"] = [link.to_json() for link in links]
    return {**resource, "proof": await make_proof(resource, signer, created=created)}


def verify_resource(resource: object, expected: ResourceId, signer: DIDDocument) -> VerifiedResource:
    """`resource` as a verified value, if it is `expected` and signed by the DID in that name.

    `signer` is that DID's own, verified, current document. Raises `DocumentRefused` with the reason.
    """
    document = _named(resource, expected)
    _require_signature(document, expected, signer)
    return _read(document, expected)


def stored_resource(resource: object, expected: ResourceId) -> VerifiedResource:
    """What `verify_resource` accepted before it was stored, read again by whoever stored it.

    Its signature is not asked about: the key may have been taken out since, and that does not undo it.
    """
    return _read(_named(resource, expected), expected)


def _named(resource: object, expected: ResourceId) -> JsonObject:
    document = _object(resource, "the resource")
    content = _object(document.get("content"), "its content")
    metadata = _object(document.get("metadata"), "its metadata")
    if "AttestedResource" not in _listed(document.get("type")):
        raise DocumentRefused(Reason.MALFORMED, "this is not an attested resource")
    _require_name(document, content, metadata, expected)
    return document


def _read(document: JsonObject, expected: ResourceId) -> VerifiedResource:
    content, metadata = document["content"], document["metadata"]
    resource_type, method = _type(metadata, content), claimed_method(document.get("proof"))
    links = _links(document, expected) if resource_type is ResourceType.REVOCATION_REGISTRY else ()
    return VerifiedResource(
        expected, resource_type, str(metadata.get("resourceName", "")), content, links, method
    )


def _require_name(
    document: JsonObject, content: JsonObject, metadata: JsonObject, expected: ResourceId
) -> None:
    if document.get("id") != str(expected):
        raise DocumentRefused(Reason.OTHER_IDENTIFIER, "the resource has another id")
    if _digest(content) != expected.digest or metadata.get("resourceId") != expected.digest:
        raise DocumentRefused(Reason.WRONG_DIGEST, "the content does not have the digest in the id")
    if content.get("issuerId") != str(expected.did):
        raise DocumentRefused(Reason.OTHER_ISSUER, "the content names another issuer than the id does")


def _digest(content: JsonObject) -> str:
    try:
        return digest_multibase(content)
    except Exception as error:  # the canonicaliser raises several types for what JCS cannot express
        raise DocumentRefused(Reason.MALFORMED, "the content has no canonical form") from error


def _require_signature(document: JsonObject, expected: ResourceId, signer: DIDDocument) -> None:
    if str(signer.id) != str(expected.did):
        raise DocumentRefused(Reason.OTHER_SIGNER, "this is not the issuer's DID document")
    method = claimed_method(document.get("proof"))
    if method.partition("#")[0] != str(expected.did):
        raise DocumentRefused(Reason.OTHER_SIGNER, "another DID signed the resource")
    verify_proof(document, document["proof"], assertion_key(signer, method))


def _type(metadata: JsonObject, content: JsonObject) -> ResourceType:
    try:
        resource_type = ResourceType(metadata.get("resourceType", ""))
    except ValueError as error:
        raise DocumentRefused(Reason.WRONG_TYPE, "the resource has a type that we do not know") from error
    if missing := _REQUIRED[resource_type] - content.keys():
        raise DocumentRefused(Reason.MALFORMED, f"the content lacks {', '.join(sorted(missing))}")
    return resource_type


def _links(document: JsonObject, expected: ResourceId) -> tuple[StatusListLink, ...]:
    links = tuple(_link(entry, expected) for entry in _listed(document.get("links", [])))
    stamps = [link.timestamp for link in links]
    if any(later <= earlier for earlier, later in pairwise(stamps)):
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "the status lists are not in the order of time")
    return links


def _link(entry: object, expected: ResourceId) -> StatusListLink:
    link = _object(entry, "a link")
    identifier, timestamp = link.get("id"), link.get("timestamp")
    if link.get("type") != ResourceType.STATUS_LIST or type(timestamp) is not int:
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "a link is not a dated status list")
    parsed = ResourceId.parse(str(identifier))
    if parsed.did != expected.did:
        raise DocumentRefused(Reason.BAD_STATUS_LIST, "a link leads to another DID")
    return StatusListLink(parsed, timestamp)


def _object(value: object, what: str) -> JsonObject:
    if not isinstance(value, dict):
        raise DocumentRefused(Reason.MALFORMED, f"{what} is not an object")
    return value


def _listed(value: object) -> list[object]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise DocumentRefused(Reason.MALFORMED, "expected a list")
    return value
