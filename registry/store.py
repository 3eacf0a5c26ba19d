"""Documents on the file system: written whole or not at all, one writer of a namespace at a time."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from registry.kinds import KINDS, Kind
from signed_documents.files import remove_abandoned, whole_file


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
    """A document that anyone may read, and the file that it stands in."""

    kind: Kind
    fields: Mapping[str, str]
    file: Path

    @property
    def url(self) -> str:
        return self.kind.url.format_map(self.fields)


class Store:
    """All fields must have matched the patterns of `kinds.FIELDS` before they come here.

    Every method blocks. Several registry processes may share one folder: `writing` locks across them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, *namespaces: str) -> Iterator[None]:
        """Hold the one right to write in all these namespaces."""
        with ExitStack() as held:
            for namespace in sorted(namespaces):  # in one order everywhere, or two could wait for each other
                held.enter_context(self._locked(namespace))
            yield

    @contextmanager
    def _locked(self, namespace: str) -> Iterator[None]:
        lock = self._folder / "locks" / f"{namespace.replace('/', '.')}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def file(self, kind: Kind, fields: Mapping[str, str]) -> Path:
        """Where the document stands, or would."""
        return Path(self.name(kind, fields))

    def name(self, kind: Kind, fields: Mapping[str, str]) -> str:
        """The same as text, which is faster made, for each read."""
        return f"{self._folder}/{kind.file.format_map(fields)}"

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

    def is_older(self, kind: Kind, than: Kind, **fields: str) -> bool:
        """Whether the document was put before the one of the other kind, or is not there."""
        document, other = self.file(kind, fields), self.file(than, fields)
        return not document.exists() or document.stat().st_mtime_ns < other.stat().st_mtime_ns

    def frozen(self, namespace: str) -> str | None:
        """The namespace to which the DID of this one has moved: its log here stays as it is."""
        file = self._frozen(namespace)
        return file.read_text() if file.is_file() else None

    def freeze(self, namespace: str, *, moved_to: str) -> None:
        with whole_file(self._frozen(namespace)) as partial:
            partial.write(moved_to.encode())

    def thaw(self, namespace: str) -> None:
        """The DID has come back."""
        self._frozen(namespace).unlink(missing_ok=True)

    def _frozen(self, namespace: str) -> Path:
        return self._folder / "documents" / namespace / "_moved"

    def tails_of(self, writer: str) -> int:
        """The bytes of all tails files that `writer` has stored."""
        return sum(int(mark.read_text()) for mark in self._marks(writer).glob("[!.]*"))

    def mark_tails(self, name: str, writer: str, size: int) -> None:
        """Remember whose this tails file is."""
        with whole_file(self._marks(writer) / name) as partial:
            partial.write(str(size).encode())

    def _marks(self, writer: str) -> Path:
        return self._folder / "tails-of" / writer.replace("/", ".")

    def remove_abandoned(self) -> int:
        """Remove what other processes were writing when they died; how many files that were."""
        return remove_abandoned(self._folder)

    def published(self, *kinds: Kind) -> Iterator[Published]:
        """Everything of these kinds that anyone may read, or of all.

        What is written meanwhile is among it or not, and is whole.
        """
        for folder, _, names in os.walk(self._folder):
            for name in sorted(names):
                file = Path(folder, name)
                document = _published(file, file.relative_to(self._folder).as_posix(), kinds or KINDS)
                if document is not None:
                    yield document


def _published(file: Path, name: str, kinds: Iterable[Kind]) -> Published | None:
    for kind in kinds:
        if (fields := kind.fields_of(name)) is not None:
            return Published(kind, fields, file)
    return None
