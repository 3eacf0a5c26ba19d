"""Documents on the file system: written whole or not at all, one writer of a namespace at a time."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from signed_documents.files import whole_file

NAMESPACE = r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*){0,3}"
DIGEST = r"z[1-9A-HJ-NP-Za-km-z]{20,128}"
CONTEXT = r"[a-z][a-z0-9-]{0,63}"
VERSION = r"v[1-9][0-9]{0,3}"
PURPOSE = r"revocation|suspension"
NUMBER = r"[1-9][0-9]{0,5}"
TAILS = r"[1-9A-HJ-NP-Za-km-z]{40,50}"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it is served. `immutable` says that it can never change under this name."""

    body: bytes
    immutable: bool

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]


class Store:
    """All names must have matched the patterns of this module before they come here.

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

    def log(self, namespace: str) -> StoredDocument | None:
        return _read(self._log(namespace), immutable=False)

    def put_log(self, namespace: str, text: bytes) -> None:
        _write(self._log(namespace), text)

    def resource(self, namespace: str, digest: str) -> StoredDocument | None:
        """A resource of any type; a revocation registry's signed links may grow, nothing else changes."""
        return _read(self._resource(namespace, digest), immutable=True) or _read(
            self._registry(namespace, digest), immutable=False
        )

    def put_resource(self, namespace: str, digest: str, body: bytes) -> None:
        _write(self._resource(namespace, digest), body)

    def put_registry(self, namespace: str, digest: str, body: bytes) -> None:
        _write(self._registry(namespace, digest), body)

    def context(self, name: str, version: str) -> StoredDocument | None:
        return _read(self._folder / "contexts" / name / f"{version}.jsonld", immutable=True)

    def put_context(self, name: str, version: str, body: bytes) -> None:
        _write(self._folder / "contexts" / name / f"{version}.jsonld", body)

    def status_list(self, namespace: str, purpose: str, number: str) -> StoredDocument | None:
        return _read(self._status_list(namespace, purpose, number), immutable=False)

    def put_status_list(self, namespace: str, purpose: str, number: str, body: bytes) -> None:
        _write(self._status_list(namespace, purpose, number), body)

    def checkpoint(self, namespace: str) -> StoredDocument | None:
        """The newest checkpoint of the audit of whose namespace it is."""
        return _read(self._checkpoint(namespace), immutable=False)

    def put_checkpoint(self, namespace: str, note: bytes) -> None:
        _write(self._checkpoint(namespace), note)

    def tails_file(self, name: str) -> Path:
        return self._folder / "tails" / name

    def _log(self, namespace: str) -> Path:
        return self._folder / "documents" / namespace / "did.jsonl"

    def _resource(self, namespace: str, digest: str) -> Path:
        return self._folder / "documents" / namespace / "_resources" / f"{digest}.json"

    def _status_list(self, namespace: str, purpose: str, number: str) -> Path:
        return self._folder / "documents" / namespace / "_status" / f"{purpose}-{number}.json"

    def _checkpoint(self, namespace: str) -> Path:
        return self._folder / "documents" / namespace / "_audit" / "checkpoint"

    def _registry(self, namespace: str, digest: str) -> Path:
        return self._folder / "documents" / namespace / "_registries" / f"{digest}.json"


def _read(file: Path, *, immutable: bool) -> StoredDocument | None:
    try:
        return StoredDocument(file.read_bytes(), immutable)
    except FileNotFoundError:
        return None


def _write(file: Path, body: bytes) -> None:
    with whole_file(file) as partial:
        partial.write(body)
