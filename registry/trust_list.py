"""Taking publications of the trust list: the registry is a reader of each before anybody else is."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, Snapshot, Targets, Timestamp
from tuf.ngclient import FetcherInterface

from registry.kinds import TRUST_LIST, TRUST_METADATA, TRUST_TIMESTAMP, Caching, Kind
from registry.memory import Version
from registry.memory import version_of as file_version
from registry.outcomes import Outcome
from registry.problems import WriteConflict
from registry.store import Store
from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason
from signed_documents.trust_distribution import TrustListExpired, VerifiedList, read_list
from signed_documents.trust_lists import TARGET, TrustListing
from signed_documents.trust_publications import MAX_PUBLICATION_BYTES, Publication, version_of
from signed_documents.trust_roots import TrustRoot

NAMESPACE = "trust-list"
PUBLICATION = Kind(
    "publication of the trust list",
    "/trust-list",
    "",  # it is taken apart
    "application/json",
    Caching.ASKED_ANEW,
    MAX_PUBLICATION_BYTES,
)
_NOT_THERE = 404


class TrustPublications:
    """Every method blocks. `publish` raises `DocumentRefused` or `WriteConflict`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: tuple[bytes, VerifiedList] | None = None
        self.on_published: list[Callable[[TrustListing], None]] = []
        """What is derived from the list and stands beside it; called before the next may be published."""

    def publish(self, body: bytes) -> Outcome:
        """Take a publication that readers of the one before it will follow, all of it or nothing.

        The timestamp is written last: until then, readers find everything that the one before it names.
        """
        publication = Publication.parse(body)
        names = publication.names()
        with self._store.writing(NAMESPACE):
            before = self._store.read(TRUST_TIMESTAMP)
            if all(self._stored(name) == content for name, content in names.items()):
                return Outcome.UNCHANGED
            listing, roots = self._verified(publication, names)
            for name in (*roots, *(each for each in names if not each.endswith(".root.json"))):
                self._put(name, names[name])
            for derive in self.on_published:
                derive(listing)
        return Outcome.CREATED if before is None else Outcome.EXTENDED

    def listing(self) -> TrustListing | None:
        """What is published now."""
        found = self.current()
        return None if found is None else found.listing

    def version(self) -> Version | None:
        """Tells what is published from what was before, without reading it; does not block."""
        return file_version(self._store.name(TRUST_TIMESTAMP, {}))

    def current(self) -> VerifiedList | None:
        """What is published now, which was verified when it was taken, and until when it is valid."""
        timestamp = self._store.read(TRUST_TIMESTAMP)
        if timestamp is None:
            return None
        if self._read is None or self._read[0] != timestamp.body:
            self._read = (timestamp.body, self._led_to(timestamp.body))
        return self._read[1]

    def _led_to(self, timestamp: bytes) -> VerifiedList:
        metadata = self._current(timestamp)
        target = Metadata[Targets].from_bytes(metadata["targets"]).signed.targets[TARGET]
        text = self._required(f"targets/{target.hashes['sha256']}.{TARGET}")
        _, root = list(self._roots())[-1]
        signed = [Metadata[Any].from_bytes(each).signed for each in (root, *metadata.values())]
        return VerifiedList(TrustListing.parse(text), min(each.expires for each in signed))

    def _current(self, timestamp: bytes) -> dict[str, bytes]:
        """The metadata that a published timestamp leads to, by role."""
        meta = Metadata[Timestamp].from_bytes(timestamp).signed.snapshot_meta
        snapshot = self._required(f"metadata/{meta.version}.snapshot.json")
        meta = Metadata[Snapshot].from_bytes(snapshot).signed.meta["targets.json"]
        targets = self._required(f"metadata/{meta.version}.targets.json")
        return {"timestamp": timestamp, "snapshot": snapshot, "targets": targets}

    def _verified(
        self, publication: Publication, names: Mapping[str, bytes]
    ) -> tuple[TrustListing, tuple[str, ...]]:
        """The list, and the names of the roots that are new."""
        stored = dict(self._roots())
        if any(names.get(name, root) != root for name, root in stored.items()):
            raise WriteConflict("another root of that version was published")
        if not stored:  # the one that everything later leads back to: it has no other to be verified from
            TrustRoot.parse(publication.roots[0]).require_follows(None)
        trusted = next(reversed(stored.values()), publication.roots[0])
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            self._recall(folder)
            found = _read_offered(trusted, folder, publication, names)
            newest = version_of((folder / "root.json").read_bytes())
        new = tuple(
            _root_name(version)
            for version in range(1, newest + 1)
            if _root_name(version) in names.keys() - stored.keys()
        )
        return found.listing, new

    def _recall(self, folder: Path) -> None:
        """Put into a reader's folder what was published last, so that nothing may go back behind it."""
        timestamp = self._store.read(TRUST_TIMESTAMP)
        if timestamp is not None:
            for role, content in self._current(timestamp.body).items():
                (folder / f"{role}.json").write_bytes(content)

    def _roots(self) -> Iterator[tuple[str, bytes]]:
        version = 1
        while (root := self._stored(_root_name(version))) is not None:
            yield _root_name(version), root
            version += 1

    def _required(self, name: str) -> bytes:
        content = self._stored(name)
        if content is None:
            raise LookupError(f"the registry has lost {name} of the trust list")
        return content

    def _stored(self, name: str) -> bytes | None:
        kind, fields = _place(name)
        found = self._store.read(kind, **fields)
        return None if found is None else found.body

    def _put(self, name: str, content: bytes) -> None:
        kind, fields = _place(name)
        self._store.put(kind, content, **fields)


class _Offered(FetcherInterface):
    """Answers a reader out of a publication that nobody else can see yet."""

    def __init__(self, names: Mapping[str, bytes]) -> None:
        self._names = names

    def _fetch(self, url: str) -> Iterator[bytes]:
        content = self._names.get(url.removeprefix("/"))
        if content is None:
            raise DownloadHTTPError("the publication lacks it", _NOT_THERE)
        return iter((content,))


def _read_offered(
    trusted: bytes, folder: Path, publication: Publication, names: Mapping[str, bytes]
) -> VerifiedList:
    try:
        found = read_list("", trusted, folder, _Offered(names))
    except TrustListExpired as error:
        raise DocumentRefused(Reason.EXPIRED, "the publication has expired") from error
    except DocumentUnavailable as error:
        _require_taken_up(folder, publication)
        raise DocumentRefused(Reason.MALFORMED, "the publication is not whole") from error
    except DocumentRefused as error:
        if error.reason is Reason.ROLLED_BACK:
            raise WriteConflict("a newer trust list was published") from error
        raise
    _require_taken_up(folder, publication)
    return found


def _require_taken_up(folder: Path, publication: Publication) -> None:
    """Raise `WriteConflict` if the reader stayed with what it had, because that has the same version."""
    offered = {
        "timestamp": publication.timestamp,
        "snapshot": publication.snapshot,
        "targets": publication.targets,
    }
    for role, content in offered.items():
        file = folder / f"{role}.json"
        kept = file.read_bytes() if file.is_file() else content
        if kept != content and version_of(kept) == version_of(content):
            raise WriteConflict("another trust list of that version was published")


def _root_name(version: int) -> str:
    return f"metadata/{version}.root.json"


def _place(name: str) -> tuple[Kind, Mapping[str, str]]:
    folder, _, file = name.partition("/")
    stem = file.removesuffix(".json")
    if folder == "targets":
        return TRUST_LIST, {"listing": stem}
    return (TRUST_TIMESTAMP, {}) if stem == "timestamp" else (TRUST_METADATA, {"metadata": stem})
