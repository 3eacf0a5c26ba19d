"""What an organisation that issues has on a registry, with made-up keys and values of the usual length."""

import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.attested_resources import ResourceType, StatusListLink, attest
from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.did_documents import organisation_document, resource_key_id
from signed_documents.encoding import JsonObject
from signed_documents.identifiers import ResourceId
from signed_documents.keys import Signer, SoftwareSigner, did_key_method
from signed_documents.webvh_entries import create_log
from signed_documents.webvh_logs import VerifiedLog

HOST = "registry.staff-passport.example"
_CREDENTIALS = 1_000
_REVOKED = 50
_IN_DEFINITION, _IN_REGISTRY = 25, 1  # numbers of 2048 bits: 16 attributes, with what revocation adds


@dataclass(frozen=True, slots=True)
class Document:
    """What is published at `path`, as one of the `kind` in the mix of reads."""

    kind: str
    path: str
    body: bytes


async def documents_of(slug: str) -> list[Document]:
    """Everything in the order in which it must be published."""
    log, signer = await _created(slug)
    organisation = _Organisation(str(log.did), signer)
    schema = await organisation.attested(
        ResourceType.SCHEMA, {"name": "Employment", "version": "1.0", "attrNames": ["employer"]}
    )
    definition = await organisation.attested(
        ResourceType.CREDENTIAL_DEFINITION,
        {"schemaId": schema["id"], "type": "CL", "tag": slug, "value": _numbers(_IN_DEFINITION)},
    )
    registry = {
        "revocDefType": "CL_ACCUM",
        "credDefId": definition["id"],
        "tag": "0",
        "value": _numbers(_IN_REGISTRY),
    }
    unlinked = await organisation.attested(ResourceType.REVOCATION_REGISTRY, registry)
    status_list, link = await organisation.revocations(unlinked["id"])
    linked = await organisation.attested(ResourceType.REVOCATION_REGISTRY, registry, link)
    bitstrings = [await organisation.bitstring(log, purpose) for purpose in StatusPurpose]
    return [
        Document("log", _path(log.did.log_url), log.text),
        *(_resource("resource", each) for each in (schema, definition, status_list)),
        _resource("registry", linked),
        *(Document("status", _path(each["id"]), json.dumps(each).encode()) for each in bitstrings),
    ]


@dataclass(frozen=True, slots=True)
class _Organisation:
    did: str
    signer: Signer

    async def attested(self, kind: ResourceType, content: JsonObject, *links: StatusListLink) -> JsonObject:
        return await attest(
            {"issuerId": self.did, **content},
            resource_type=kind,
            name=kind,
            signer=self.signer,
            created=datetime.now(UTC),
            links=links,
        )

    async def revocations(self, registry: str) -> tuple[JsonObject, StatusListLink]:
        now = int(time.time())
        content = {
            "revRegDefId": registry,
            "revocationList": [0] * _CREDENTIALS,
            "currentAccumulator": "an accumulator",
            "timestamp": now,
        }
        status_list = await self.attested(ResourceType.STATUS_LIST, content)
        return status_list, StatusListLink(ResourceId.parse(status_list["id"]), now)

    async def bitstring(self, log: VerifiedLog, purpose: StatusPurpose) -> JsonObject:
        return await sign_status_list(
            Bitstring.of(random.sample(range(_CREDENTIALS), _REVOKED)),
            StatusListId.of(log.did, purpose, 1),
            issuer=self.did,
            signer=self.signer,
            now=datetime.now(UTC),
            life=LONGEST_LIFE,
        )


async def _created(slug: str) -> tuple[VerifiedLog, Signer]:
    update, following, resource, credential, audit = (Ed25519PrivateKey.generate() for _ in range(5))
    log = await create_log(
        HOST,
        ("organisations", slug),
        lambda did: organisation_document(
            did, credential_key=_public(credential), resource_key=_public(resource), audit_key=_public(audit)
        ),
        update_key=SoftwareSigner(update, did_key_method(_public(update))),
        next_key=_public(following),
        created=datetime.now(UTC),
    )
    return log, SoftwareSigner(resource, resource_key_id(str(log.did), _public(resource)))


def _resource(kind: str, resource: JsonObject) -> Document:
    return Document(kind, _path(ResourceId.parse(resource["id"]).url), json.dumps(resource).encode())


def _numbers(count: int) -> JsonObject:
    return {str(number): str(random.getrandbits(2048)) for number in range(count)}


def _path(url: str) -> str:
    return url.removeprefix(f"https://{HOST}")


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()
