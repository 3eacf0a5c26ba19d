"""The kinds of documents that the registry publishes: where each is read, where it stands, how it is served.

A kind that is added to `KINDS` is served, exported and bounded like every other; only writing it is its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from signed_documents.webvh_logs import MAX_LOG_BYTES

KIB, MIB = 1024, 1024 * 1024

NAMESPACE = r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*){0,3}"

FIELDS: Mapping[str, str] = {
    "namespace": NAMESPACE,
    "digest": r"z[1-9A-HJ-NP-Za-km-z]{20,128}",
    "context": r"[a-z][a-z0-9-]{0,63}",
    "version": r"v[1-9][0-9]{0,3}",
    "purpose": r"revocation|suspension",
    "number": r"[1-9][0-9]{0,5}",
    "tails": r"[1-9A-HJ-NP-Za-km-z]{40,50}",
    "metadata": r"[1-9][0-9]{0,9}\.(?:root|targets|snapshot)",
    "listing": r"[0-9a-f]{64}\.organisations",
}
"""What may stand in the names of documents: nothing that a file system or a URL takes for more than that."""

_FIELD = re.compile(r"\{([a-z]+)\}")


class Caching(StrEnum):
    """How long a cache may answer in our place, as `Cache-Control` says it."""

    FOREVER = "public, max-age=31536000, immutable"
    ASKED_ANEW = "public, no-cache"
    """A cache may keep it, and asks each time whether it is still so: readers refuse whoever goes back in
    time, and two caches of different ages would."""


@dataclass(frozen=True)
class Kind:
    """`url` and `file` are templates with the names of `FIELDS` in braces; both name the same fields."""

    name: str
    url: str
    file: str
    content_type: str
    caching: Caching
    max_bytes: int
    in_memory: bool = True
    """Whether it is small enough to be answered from memory; else the file itself is sent."""
    may_end: bool = False
    """Whether a document of this kind may be taken away again."""

    @cached_property
    def route(self) -> str:
        """The URL as aiohttp's router takes it."""
        return _FIELD.sub(lambda field: f"{{{field[1]}:{FIELDS[field[1]]}}}", self.url)

    def fields_of(self, file: str) -> dict[str, str] | None:
        """The fields in the name of a file below the registry's folder; none if it is of another kind."""
        match = _pattern(self.file).fullmatch(file)
        return None if match is None else match.groupdict()

    def is_read_at(self, url: str) -> bool:
        """Whether a document of this kind could be at this path."""
        return _pattern(self.url).fullmatch(url) is not None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = enumerate(_FIELD.split(template))  # text, and names of fields, by turns
    return re.compile(
        "".join(f"(?P<{part}>{FIELDS[part]})" if at % 2 else re.escape(part) for at, part in parts)
    )


LOG = Kind(
    "log",
    "/{namespace}/did.jsonl",
    "documents/{namespace}/did.jsonl",
    "text/jsonl",
    Caching.ASKED_ANEW,
    MAX_LOG_BYTES,
)
WITNESSES = Kind(
    "witness proofs",
    "/{namespace}/did-witness.json",
    "documents/{namespace}/did-witness.json",
    "application/json",
    Caching.ASKED_ANEW,
    MIB,
)
TWIN = Kind(
    "did:web twin",
    "/{namespace}/did.json",
    "documents/{namespace}/did.json",
    "application/did+json",
    Caching.ASKED_ANEW,
    MIB,
    may_end=True,
)
# Credo-TS reads as JSON only what is called exactly so.
RESOURCE = Kind(
    "resource",
    "/{namespace}/resources/{digest}",
    "documents/{namespace}/_resources/{digest}.json",
    "application/json",
    Caching.FOREVER,
    4 * MIB,  # the status list of a million credentials, or the links to thousands
)
REVOCATION_REGISTRY = Kind(
    "revocation registry",
    RESOURCE.url,
    "documents/{namespace}/_registries/{digest}.json",
    "application/json",
    Caching.ASKED_ANEW,
    4 * MIB,
)
STATUS_LIST = Kind(
    "status list",
    "/{namespace}/status/{purpose}/{number}",
    "documents/{namespace}/_status/{purpose}-{number}.json",
    "application/vc",
    Caching.ASKED_ANEW,
    2 * MIB,
)
CHECKPOINT = Kind(
    "checkpoint",
    "/{namespace}/audit/checkpoint",
    "documents/{namespace}/_audit/checkpoint",
    "text/plain; charset=utf-8",
    Caching.ASKED_ANEW,
    64 * KIB,
)
CONTEXT = Kind(
    "context",
    "/contexts/{context}/{version}",
    "contexts/{context}/{version}.jsonld",
    "application/ld+json",
    Caching.FOREVER,
    256 * KIB,
)
TAILS = Kind(
    "tails",
    "/hash/{tails}",
    "tails/{tails}",
    "application/octet-stream",
    Caching.FOREVER,
    256 * MIB,  # a registry of a million credentials
    in_memory=False,
)
# What TUF numbers never changes under its number; which is the newest, the timestamp says.
TRUST_LIST = Kind(
    "trust list",
    "/trust-list/targets/{listing}.json",
    "trust-list/targets/{listing}.json",
    "application/json",
    Caching.FOREVER,
    4 * MIB,
)
TRUST_METADATA = Kind(
    "trust list's metadata",
    "/trust-list/metadata/{metadata}.json",
    "trust-list/metadata/{metadata}.json",
    "application/json",
    Caching.FOREVER,
    64 * KIB,
)
TRUST_TIMESTAMP = Kind(
    "trust list's timestamp",
    "/trust-list/metadata/timestamp.json",
    "trust-list/metadata/timestamp.json",
    "application/json",
    Caching.ASKED_ANEW,
    16 * KIB,
)

KINDS = (
    TRUST_LIST,
    TRUST_METADATA,
    TRUST_TIMESTAMP,
    WITNESSES,
    LOG,
    TWIN,
    CONTEXT,
    TAILS,
    RESOURCE,
    REVOCATION_REGISTRY,
    STATUS_LIST,
    CHECKPOINT,
)
"""Each after those that it leans on: in this order a site is written, so that it always holds together."""
