"""Documents that were read before, for as long as their files are the same."""

import os
import time
from collections import OrderedDict
from pathlib import Path

from registry.kinds import Kind
from registry.store import StoredDocument

type Version = tuple[int, int, int]
"""What tells a file from the one that took its place: the time of its change, its inode and size."""

MOST_BYTES = 32 * 1024 * 1024
_OVERHEAD = 1024
"""Bytes that a document takes beside its body, about."""
_SETTLED_NS = 50_000_000
"""A file may take the inode of a younger one within one tick of the file system's clock."""


def version_of(file: str) -> Version | None:
    """The version of what stands at `file`; none if nothing does."""
    try:
        stat = os.stat(file)  # noqa: PTH116 - a `Path` takes three times as long, at each read
    except (FileNotFoundError, NotADirectoryError):
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


def read(kind: Kind, file: str) -> tuple[Version, StoredDocument] | None:
    """What stands at `file`, and of which version it is: files are replaced whole, never written to."""
    try:
        with Path(file).open("rb") as opened:
            stat = os.fstat(opened.fileno())
            return (stat.st_mtime_ns, stat.st_ino, stat.st_size), StoredDocument(kind, opened.read())
    except (FileNotFoundError, NotADirectoryError):
        return None


class Memory:
    """The documents that were asked for last, in a bounded number of bytes. Only the event loop uses it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._documents: OrderedDict[str, tuple[Version, StoredDocument]] = OrderedDict()

    def recall(self, file: str, version: Version) -> StoredDocument | None:
        """The document at `file`, if it was remembered in exactly this version."""
        remembered = self._documents.get(file)
        if remembered is None or remembered[0] != version:
            return None
        self._documents.move_to_end(file)
        return remembered[1]

    def remember(self, file: str, version: Version, document: StoredDocument) -> None:
        self._forget(file)
        if version[0] > time.time_ns() - _SETTLED_NS:
            return
        self._documents[file] = (version, document)
        self._bytes += _size(document)
        while self._bytes > self._most:
            self._forget(next(iter(self._documents)))

    def _forget(self, file: str) -> None:
        if (forgotten := self._documents.pop(file, None)) is not None:
            self._bytes -= _size(forgotten[1])


def _size(document: StoredDocument) -> int:
    return len(document.body) + _OVERHEAD
