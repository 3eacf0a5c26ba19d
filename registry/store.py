"""Documents on the file system: written whole or not at all, one writer of a namespace at a time."""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from registry.kinds import KINDS, Kind
from signed_documents.files import whole_file


@dataclass(frozen=True)
class StoredDocument:
    """A document as it is served."""

    kind: Kind
    body: bytes

    @cached_property
    def etag(self) -> str:
        """The same for the same bytes, whichever process answers."""
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Published:
    """A document that anyone may read at the path `url`, and the file that it stands in."""

    kind: Kind
    url: str
    file: Path


class Store:
    """All fields must have matched the patterns of `kinds.FIELDS` before they come here.

    Every method blocks. Several registry processes may share one folder: `writing` locks across them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, namespace: str) -> Iterator[None]:
        """Hold the one right to write in `namespace`."""
        lock = self._folder / "locks" / f"{namespace.replace('/', '.')}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def file(self, kind: Kind, fields: Mapping[str, str]) -> Path:
        """Where the document stands, or would."""
        return self._folder / kind.file.format_map(fields)

    def read(self, kind: Kind, **fields: str) -> StoredDocument | None:
        try:
            return StoredDocument(kind, self.file(kind, fields).read_bytes())
        except FileNotFoundError:
            return None

    def put(self, kind: Kind, body: bytes, **fields: str) -> None:
        """Put the document in the place of the one that is there; hold `writing` meanwhile."""
        with whole_file(self.file(kind, fields)) as partial:
            partial.write(body)

    def remove(self, kind: Kind, **fields: str) -> None:
        """Take the document away, if it is there; hold `writing` meanwhile."""
        self.file(kind, fields).unlink(missing_ok=True)

    def published(self) -> Iterator[Published]:
        """Everything that anyone may read. What is written meanwhile is among it or not, and is whole."""
        for folder, _, names in os.walk(self._folder):
            for name in sorted(names):
                file = Path(folder, name)
                if (document := _published(file, file.relative_to(self._folder).as_posix())) is not None:
                    yield document


def _published(file: Path, name: str) -> Published | None:
    for kind in KINDS:
        if (fields := kind.fields_of(name)) is not None:
            return Published(kind, kind.url.format_map(fields), file)
    return None
