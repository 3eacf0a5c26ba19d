"""What the operator publishes as one whole: the trust list, and TUF's metadata that distributes it."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from securesystemslib.signer import Signature
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from signed_documents.errors import DocumentRefused, Reason
from signed_documents.trust_lists import MAX_LIST_BYTES, TARGET
from signed_documents.trust_roots import MAX_ROOT_BYTES, tuf_key

TARGETS_LIFE = timedelta(days=90)
SNAPSHOT_LIFE = timedelta(days=7)
TIMESTAMP_LIFE = timedelta(hours=4)
"""Whoever distributes the list can hide a suspension for so long, and no longer."""
MAX_PUBLICATION_BYTES = 2 * MAX_LIST_BYTES
MOST_ROOTS = 256

type Sign = Callable[[bytes], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class RoleKey:
    """An online key: its public half, and a way to sign with the other."""

    public: bytes
    sign: Sign


async def signed_metadata(content: Targets | Snapshot | Timestamp, key: RoleKey) -> bytes:
    """TUF's metadata with one signature, as it is distributed."""
    metadata: Metadata[Any] = Metadata(content)
    keyid = tuf_key(key.public).keyid
    signature = await key.sign(metadata.signed_bytes)
    metadata.signatures[keyid] = Signature(keyid, signature.hex())
    return metadata.to_bytes()


def targets_of(listing: bytes, *, version: int, now: datetime, life: timedelta = TARGETS_LIFE) -> Targets:
    """That this list, and nothing else, is what is distributed."""
    target = TargetFile.from_data(TARGET, listing, ["sha256"])
    return Targets(version=version, expires=_end(now, life), targets={TARGET: target})


def snapshot_of(targets: bytes, *, version: int, now: datetime, life: timedelta = SNAPSHOT_LIFE) -> Snapshot:
    """Which targets go together: of one list, all is of one moment."""
    return Snapshot(version=version, expires=_end(now, life), meta={"targets.json": _meta(targets)})


def timestamp_of(
    snapshot: bytes, *, version: int, now: datetime, life: timedelta = TIMESTAMP_LIFE
) -> Timestamp:
    """That this snapshot is the newest."""
    return Timestamp(version=version, expires=_end(now, life), snapshot_meta=_meta(snapshot))


def _meta(text: bytes) -> MetaFile:
    version = Metadata[Any].from_bytes(text).signed.version
    return MetaFile.from_data(version, text, ["sha256"])


def _end(now: datetime, life: timedelta) -> datetime:
    return (now + life).replace(microsecond=0)


class _Sent(BaseModel):
    """As it is sent: bytes in base64, because signatures and hashes are over bytes."""

    model_config = ConfigDict(extra="forbid")

    roots: Annotated[list[str], Field(min_length=1, max_length=MOST_ROOTS)]
    targets: str
    snapshot: str
    timestamp: str
    listing: str


@dataclass(frozen=True, slots=True)
class Publication:
    """The newest roots in order, the metadata, and the list. What it is worth is for a reader to verify."""

    roots: tuple[bytes, ...]
    targets: bytes
    snapshot: bytes
    timestamp: bytes
    listing: bytes

    def encoded(self) -> bytes:
        sent = _Sent(
            roots=[_text(each) for each in self.roots[-MOST_ROOTS:]],
            targets=_text(self.targets),
            snapshot=_text(self.snapshot),
            timestamp=_text(self.timestamp),
            listing=_text(self.listing),
        )
        return sent.model_dump_json().encode()

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises `DocumentRefused`."""
        try:
            sent = _Sent.model_validate_json(body)
            roots = tuple(_bytes(each, MAX_ROOT_BYTES) for each in sent.roots)
            rest = [_bytes(each, MAX_LIST_BYTES) for each in _in_order(sent)]
        except (ValidationError, binascii.Error) as error:
            raise DocumentRefused(Reason.MALFORMED, "this is no publication of a trust list") from error
        return cls(roots, *rest)

    def names(self) -> Mapping[str, bytes]:
        """Everything by the path under which readers ask for it. Raises `DocumentRefused`."""
        return dict(self._named())

    def _named(self) -> Iterator[tuple[str, bytes]]:
        for root in self.roots:
            yield f"metadata/{version_of(root)}.root.json", root
        yield f"metadata/{version_of(self.targets)}.targets.json", self.targets
        yield f"metadata/{version_of(self.snapshot)}.snapshot.json", self.snapshot
        yield "metadata/timestamp.json", self.timestamp
        digest = TargetFile.from_data(TARGET, self.listing, ["sha256"]).hashes["sha256"]
        yield f"targets/{digest}.{TARGET}", self.listing


def version_of(metadata: bytes) -> int:
    """The version that metadata claims to be. Raises `DocumentRefused`."""
    try:
        return int(Metadata[Any].from_bytes(metadata).signed.version)
    except Exception as error:  # whatever a parser of a stranger's bytes comes to
        raise DocumentRefused(Reason.MALFORMED, "this is no metadata of TUF") from error


def _in_order(sent: _Sent) -> Iterator[str]:
    yield from (sent.targets, sent.snapshot, sent.timestamp, sent.listing)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str, most: int) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) > most:
        raise DocumentRefused(Reason.TOO_LARGE, "a part of the publication is larger than any")
    return data
