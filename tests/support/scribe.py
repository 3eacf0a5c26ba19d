"""Writes did:webvh logs as anybody may: each entry has the right digest and signature, whatever it says."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signed_documents.encoding import canonical_json, multihash_base58, multikey
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer, SoftwareSigner, did_key_method
from signed_documents.proofs import iso_utc, make_proof
from tests.support.signing import HOST, NOON, public

_PLACEHOLDER = "{SCID}"
PLACE = f"{HOST}:organisations:anybody"


def name_of(key: Ed25519PrivateKey) -> str:
    """As it stands in `updateKeys`."""
    return multikey(public(key))


def hash_of(key: Ed25519PrivateKey) -> str:
    """As it stands in `nextKeyHashes`."""
    return multihash_base58(name_of(key).encode())


def signer_of(key: Ed25519PrivateKey) -> Signer:
    return SoftwareSigner(key, did_key_method(public(key)))


def joined(entries: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(entry, separators=(",", ":")).encode() + b"\n" for entry in entries)


@dataclass
class Scribe:
    """One log. `key` signs, unless an entry says otherwise; `document` is what the entries state."""

    key: Ed25519PrivateKey
    entries: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    last: datetime = NOON

    @classmethod
    async def begun(
        cls, *, place: str = PLACE, without: tuple[str, ...] = (), scid: str | None = None, **parameters: Any
    ) -> "Scribe":
        """A log with its first entry: `parameters` besides the usual, and not those in `without`."""
        scribe = cls(Ed25519PrivateKey.generate())
        usual = {"method": "did:webvh:1.0", "scid": _PLACEHOLDER, "updateKeys": [name_of(scribe.key)]}
        said = {name: value for name, value in {**usual, **parameters}.items() if name not in without}
        document = {"@context": ["https://www.w3.org/ns/did/v1"], "id": f"did:webvh:{_PLACEHOLDER}:{place}"}
        entry = {
            "versionId": _PLACEHOLDER,
            "versionTime": iso_utc(scribe.last),
            "parameters": said,
            "state": document,
        }
        real = scid or multihash_base58(canonical_json(entry))
        entry = json.loads(json.dumps(entry).replace(_PLACEHOLDER, real))
        scribe.document = entry["state"]
        await scribe._append(entry, real, scribe.key)
        return scribe

    @property
    def did(self) -> WebvhDid:
        return WebvhDid.parse(self.document["id"])

    @property
    def text(self) -> bytes:
        return joined(self.entries)

    @property
    def version_ids(self) -> list[str]:
        return [entry["versionId"] for entry in self.entries]

    async def add(
        self,
        *,
        by: Ed25519PrivateKey | None = None,
        at: str | None = None,
        state: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> "Scribe":
        """One entry more, a minute later, which says `parameters` and changes `state` in the document."""
        self.last += timedelta(minutes=1)
        self.document = {**self.document, **(state or {})}
        before = self.entries[-1]["versionId"]
        entry = {
            "versionId": before,
            "versionTime": at or iso_utc(self.last),
            "parameters": parameters,
            "state": deepcopy(self.document),
        }
        await self._append(entry, before, by or self.key)
        return self

    async def moved(self, place: str, *, known_as: bool = True, **parameters: Any) -> "Scribe":
        """One entry more, by which the DID goes to `place`."""
        former = self.document["id"]
        text = json.dumps(self.document).replace(former, f"did:webvh:{self.did.scid}:{place}")
        also = {"alsoKnownAs": [former]} if known_as else {}
        return await self.add(state={**json.loads(text), **also}, **parameters)

    async def _append(self, entry: dict[str, Any], before: str, key: Ed25519PrivateKey) -> None:
        digest = multihash_base58(canonical_json({**entry, "versionId": before}))
        entry["versionId"] = f"{len(self.entries) + 1}-{digest}"
        entry["proof"] = [await make_proof(entry, signer_of(key), created=self.last)]
        self.entries.append(entry)
