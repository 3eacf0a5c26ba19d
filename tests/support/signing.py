"""Parties with made-up keys who publish on did:webvh, and a web that answers from memory."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from did_webvh.core.state import DocumentState

from signed_documents.attested_resources import ResourceType, StatusListLink, attest
from signed_documents.checkpoints import Checkpoint, sign_checkpoint
from signed_documents.did_documents import (
    checkpoint_key_id,
    credential_key_id,
    organisation_document,
    resource_key_id,
)
from signed_documents.encoding import multikey
from signed_documents.errors import DocumentNotFound, SignedDocumentError
from signed_documents.identifiers import ResourceId
from signed_documents.keys import Signer, SoftwareSigner, did_key_method
from signed_documents.proofs import make_proof
from signed_documents.webvh_entries import create_log, extend_log
from signed_documents.webvh_logs import VerifiedLog

HOST = "registry.staff-passport.example"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@dataclass(frozen=True)
class Publisher:
    """An organisation with a DID, and every key that belongs to it."""

    log: VerifiedLog
    resource_key: Ed25519PrivateKey
    next_key: Ed25519PrivateKey
    credential_key: Ed25519PrivateKey
    audit_key: Ed25519PrivateKey

    @property
    def did(self) -> str:
        return str(self.log.did)

    @property
    def signer(self) -> Signer:
        return SoftwareSigner(self.resource_key, resource_key_id(self.did, public(self.resource_key)))

    @property
    def credential_signer(self) -> Signer:
        return SoftwareSigner(self.credential_key, credential_key_id(self.did))

    async def checkpoint(self, size: int, root: bytes, *, at: datetime = NOON) -> bytes:
        """A checkpoint of its audit."""
        key = public(self.audit_key)
        signer = SoftwareSigner(self.audit_key, checkpoint_key_id(self.did, key))
        return await sign_checkpoint(Checkpoint(self.did, size, root, at), signer, key)

    async def resource(
        self,
        content: dict[str, Any],
        resource_type: ResourceType = ResourceType.SCHEMA,
        *,
        signer: Signer | None = None,
        links: tuple[StatusListLink, ...] = (),
    ) -> dict[str, Any]:
        return await attest(
            content,
            resource_type=resource_type,
            name="a name",
            signer=signer or self.signer,
            created=NOON,
            links=links,
        )

    def schema(self, **changes: Any) -> dict[str, Any]:
        content = {"issuerId": self.did, "name": "Employment", "version": "1.0", "attrNames": ["employer"]}
        return {**content, **changes}

    def registry(self) -> dict[str, Any]:
        content = {
            "revocDefType": "CL_ACCUM",
            "credDefId": f"{self.did}/resources/zQm",
            "tag": "0",
            "value": {},
        }
        return {"issuerId": self.did, **content}

    def status_list(self, registry_id: str, timestamp: int, *revoked: int, size: int = 5) -> dict[str, Any]:
        return {
            "issuerId": self.did,
            "revRegDefId": registry_id,
            "revocationList": [int(index in revoked) for index in range(size)],
            "currentAccumulator": f"accumulator of {revoked}",
            "timestamp": timestamp,
        }

    async def rotated(
        self, *, created: datetime, resource_key: Ed25519PrivateKey | None = None
    ) -> "Publisher":
        """The same organisation after one more entry of its log."""
        upcoming, signing = Ed25519PrivateKey.generate(), resource_key or self.resource_key
        document = organisation_document(
            self.did,
            credential_key=public(self.credential_key),
            resource_key=public(signing),
            audit_key=public(self.audit_key),
        )
        log = await extend_log(
            self.log,
            document,
            update_key=SoftwareSigner(self.next_key, did_key_method(public(self.next_key))),
            next_key=public(upcoming),
            created=created,
        )
        return replace(self, log=log, resource_key=signing, next_key=upcoming)

    async def log_with_one_more_entry(self, **parameters: Any) -> bytes:
        """The log with one more entry, rightly signed, that sets `parameters` and ends pre-rotation."""
        before = DocumentState.load_history_json(self.log.entries[0].decode(), None)
        key = SoftwareSigner(self.next_key, did_key_method(public(self.next_key)))
        rotation = {"updateKeys": [multikey(public(self.next_key))], "nextKeyHashes": []}
        state = before.create_next(
            params_update={**rotation, **parameters}, timestamp=self.log.updated + timedelta(minutes=1)
        )
        state.proofs.append(await make_proof(state.history_line(), key, created=state.timestamp))
        return self.log.text + state.history_json().encode()


async def a_publisher(
    slug: str = "northmoor",
    *,
    created: datetime = NOON,
    document: Callable[[str], dict[str, Any]] | None = None,
) -> Publisher:
    update, upcoming, resource, credential, audit = (Ed25519PrivateKey.generate() for _ in range(5))
    usual = partial(
        organisation_document,
        credential_key=public(credential),
        resource_key=public(resource),
        audit_key=public(audit),
    )
    log = await create_log(
        HOST,
        ("organisations", slug),
        document or usual,
        update_key=SoftwareSigner(update, did_key_method(public(update))),
        next_key=public(upcoming),
        created=created,
    )
    return Publisher(log, resource, upcoming, credential, audit)


@dataclass
class Web:
    """Answers by URL; a URL may also raise. Counts how often each was asked."""

    pages: dict[str, bytes | SignedDocumentError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        page = self.pages.get(url, DocumentNotFound("the host has no such document"))
        if isinstance(page, SignedDocumentError):
            raise page
        return page

    def publish(self, publisher: Publisher, *resources: dict[str, Any]) -> None:
        self.pages[publisher.log.did.log_url] = publisher.log.text
        for resource in resources:
            self.pages[ResourceId.parse(resource["id"]).url] = json.dumps(resource).encode()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, by: timedelta) -> None:
        self.now += by
