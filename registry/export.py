"""Everything that anyone may read as a static site: files at the paths of their URLs, and their headers.

The site holds together at any time, also while it is written and while the registry runs: what others lean on
is collected last and written first.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.kinds import KINDS, Caching
from registry.reads import headers_of
from registry.settings import Settings
from registry.store import Published, Store
from signed_documents.files import whole_file

HEADERS = "_headers"
"""In the format that static hosts know: a path, and its headers below, indented."""
MANIFEST = "registry-export.json"
"""The same for programs, and how the next export knows what this one wrote."""
INDEX = "index.html"
FAILED = 1
_KINDS = {kind.name: kind for kind in KINDS}


class NotExported(Exception):
    """The site could not be written; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many files were written, stood there already, and were removed; and what the registry lost."""

    written: int
    unchanged: int
    removed: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Collected:
    """A document to be written; what can change, as it was when it was collected."""

    document: Published
    body: bytes | None


def command(settings: Settings, folder: Path) -> int:
    """Export, say what became of it, and return the exit code."""
    try:
        done = export(settings, folder)
    except (NotExported, OSError) as failure:
        sys.stderr.write(f"staff-passport registry: {failure}\n")
        return FAILED
    sys.stdout.write(
        f"{folder}: {done.written} written, {done.unchanged} unchanged, {done.removed} removed\n"
    )
    if done.lost:
        what = f"{len(done.lost)} documents that were exported before, such as {done.lost[0]}, and stay there"
        sys.stderr.write(f"staff-passport registry: the registry lacks {what}\n")
        return FAILED
    return 0


def export(settings: Settings, folder: Path) -> Exported:
    """Bring the site in `folder` to what the registry publishes now.

    Removes only what an earlier export wrote and what may end. A document that may not, and is gone from the
    registry, stays and is told. Raises `NotExported`.
    """
    if not settings.data.is_dir():
        raise NotExported(f"there is no registry in {settings.data}")
    before = _manifest(settings, folder)
    collected = _collected(Store(settings.data))
    written = [_write(each, folder / file_of(each.document.url)) for each in collected]
    now = {each.document.url: each.document.kind.name for each in collected}
    gone = {url: kind for url, kind in before.items() if url not in now}
    lost = {url: kind for url, kind in gone.items() if not _KINDS[kind].may_end}
    for url in gone.keys() - lost.keys():
        (folder / file_of(url)).unlink(missing_ok=True)
    _write_headers(settings, folder, {**lost, **now})
    return Exported(sum(written), len(written) - sum(written), len(gone) - len(lost), tuple(lost))


def file_of(url: str) -> str:
    """Where in the site the file is for a path of a URL."""
    return url.removeprefix("/") + (INDEX if url.endswith("/") else "")


def _collected(store: Store) -> list[_Collected]:
    by_kind = {kind: [_collect(each) for each in store.published(kind)] for kind in reversed(KINDS)}
    return [each for kind in KINDS for each in by_kind[kind] if each is not None]


def _collect(document: Published) -> _Collected | None:
    if document.kind.caching is Caching.FOREVER:
        return _Collected(document, None)
    try:
        return _Collected(document, document.file.read_bytes())
    except FileNotFoundError:  # taken away since it was listed
        return None


def _write(collected: _Collected, file: Path) -> bool:
    """Whether there was anything to write."""
    if collected.body is None:
        source = collected.document.file
        if file.is_file() and file.stat().st_size == source.stat().st_size:
            return False  # it can never change, and is there whole
        with source.open("rb") as opened, whole_file(file) as partial:
            shutil.copyfileobj(opened, partial)
        return True
    if file.is_file() and file.read_bytes() == collected.body:
        return False
    with whole_file(file) as partial:
        partial.write(collected.body)
    return True


def _manifest(settings: Settings, folder: Path) -> dict[str, str]:
    """The paths of URLs that an earlier export wrote, and the kinds of what is there."""
    file = folder / MANIFEST
    if not file.is_file():
        return {}
    try:
        manifest = json.loads(file.read_bytes())
        origin, documents = manifest["origin"], manifest["documents"]
        before = {url: document["kind"] for url, document in documents.items()}
        strange = [url for url, kind in before.items() if not _KINDS[kind].is_read_at(url)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotExported(f"{file} is not of an export") from error
    if strange:
        raise NotExported(f"{file} says that {strange[0]} was exported")
    if origin != settings.origin:
        raise NotExported(f"{folder} is the site of {origin}")
    return before


def _write_headers(settings: Settings, folder: Path, kinds: Mapping[str, str]) -> None:
    headers = {url: headers_of(_KINDS[kinds[url]]) for url in sorted(kinds)}
    documents = {url: {"kind": kinds[url], "headers": headers[url]} for url in headers}
    manifest = json.dumps({"origin": settings.origin, "documents": documents}, indent=1)
    for name, text in ((HEADERS, "".join(map(_rule, headers, headers.values()))), (MANIFEST, manifest)):
        if not (folder / name).is_file() or (folder / name).read_text() != text:
            with whole_file(folder / name) as partial:
                partial.write(text.encode())


def _rule(url: str, headers: Mapping[str, str]) -> str:
    return f"{url}\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())
