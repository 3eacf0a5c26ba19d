"""Reading the trust list: TUF verifies it, and remembers what was seen so that nobody goes back in time.

A reader begins with a root that it was given, and keeps in a folder what it saw. There is no list but a valid
one: one that has expired, or that cannot be had, is unavailable; one that does not verify is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from signed_documents.errors import (
    DocumentNotFound,
    DocumentRefused,
    DocumentUnavailable,
    Reason,
    SignedDocumentError,
)
from signed_documents.resolution import Fetch, utc_now
from signed_documents.trust_lists import MAX_LIST_BYTES, TARGET, TrustListing
from signed_documents.trust_publications import MOST_ROOTS
from signed_documents.trust_roots import MAX_ROOT_BYTES

MAX_AGE = timedelta(minutes=5)
"""A verdict is not given on an older copy."""
WITHIN_SECONDS = 30.0
"""How long all of one refetch may take: a slow host is one that does not answer."""
_LIMITS = UpdaterConfig(
    max_root_rotations=MOST_ROOTS,
    max_delegations=0,  # nobody but the operator lists anybody
    root_max_length=MAX_ROOT_BYTES,
    timestamp_max_length=16 * 1024,
    snapshot_max_length=16 * 1024,
    targets_max_length=16 * 1024,
)
_FOREVER_MISSING = 404
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (tuf.DownloadLengthMismatchError, Reason.TOO_LARGE),
    (tuf.BadVersionNumberError, Reason.ROLLED_BACK),
    (tuf.LengthOrHashMismatchError, Reason.WRONG_DIGEST),
    (tuf.UnsignedMetadataError, Reason.BAD_SIGNATURE),
    (tuf.RepositoryError, Reason.MALFORMED),
)


class TrustListExpired(DocumentUnavailable):
    """The newest list that can be had is one no more: its operator fell silent, or whoever distributes it."""


@dataclass(frozen=True, slots=True)
class VerifiedList:
    """A list that TUF verified, and until when it is one. Made by `read_list` alone."""

    listing: TrustListing
    expires: datetime


def read_list(url: str, root: bytes, folder: Path, fetcher: FetcherInterface) -> VerifiedList:
    """Ask for the newest list; `folder` keeps what was seen. Blocks.

    Raises `DocumentUnavailable` when it cannot be had (`TrustListExpired` when it is none any more), and
    `DocumentRefused` when it does not verify.
    """
    targets = folder / "targets"
    try:
        targets.mkdir(parents=True, exist_ok=True)
        updater = Updater(
            str(folder),
            f"{url}/metadata/",
            str(targets),
            f"{url}/targets/",
            fetcher=fetcher,
            config=_LIMITS,
            bootstrap=root,
        )
        updater.refresh()
        listing = TrustListing.parse(_target(updater))
        return VerifiedList(listing, _end_of(folder))
    except SignedDocumentError:
        raise
    except (tuf.RepositoryError, tuf.DownloadError) as error:
        _refuse(error)
    except OSError as error:
        raise DocumentUnavailable("the folder of the trust list cannot be used") from error


def _target(updater: Updater) -> bytes:
    target = updater.get_targetinfo(TARGET)
    if target is None:
        raise DocumentRefused(Reason.MALFORMED, "what is distributed is not the trust list")
    if target.length > MAX_LIST_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the trust list is larger than any")
    return Path(updater.find_cached_target(target) or updater.download_target(target)).read_bytes()


def _end_of(folder: Path) -> datetime:
    """When the first of the four, which are verified, expires."""
    names = ("root", "timestamp", "snapshot", "targets")
    found = [Metadata[Any].from_file(str(folder / f"{name}.json")).signed for name in names]
    ends: list[datetime] = [each.expires for each in found]
    return min(ends)


def _refuse(error: Exception) -> NoReturn:
    """Tell what went wrong as signed documents do."""
    if isinstance(error, tuf.ExpiredMetadataError):
        raise TrustListExpired("the trust list has expired") from error
    if isinstance(error.__cause__, DocumentRefused):  # by the fetcher
        raise error.__cause__
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            raise DocumentRefused(reason, "the trust list does not verify") from error
    raise DocumentUnavailable("the trust list cannot be had") from error


class _OnLoop(FetcherInterface):
    """TUF's blocking reader asks, in a thread; our fetcher answers, on the loop, until `deadline`."""

    def __init__(self, fetch: Fetch, loop: asyncio.AbstractEventLoop) -> None:
        self._fetch_on_loop = fetch
        self._loop = loop
        self._deadline = loop.time() + WITHIN_SECONDS

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            body = asyncio.run_coroutine_threadsafe(self._answer(url), self._loop).result()
        except DocumentNotFound as error:
            raise tuf.DownloadHTTPError("there is no such document", _FOREVER_MISSING) from error
        return iter((body,))

    async def _answer(self, url: str) -> bytes:
        async with asyncio.timeout_at(self._deadline):
            return await self._fetch_on_loop(url)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A list, and when somebody began to ask for it."""

    list: VerifiedList
    asked_at: datetime


class TrustListReader:
    """The list as the host at `url` distributes it, verified from the root in the file `root` on.

    `folder` keeps what was seen, over restarts; it belongs to one process. The root is read when the list is
    asked for. Whoever asks while somebody does waits for the same answer.
    """

    def __init__(
        self,
        fetch: Fetch,
        url: str,
        root: Path,
        folder: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._fetch = fetch
        self._url = url.rstrip("/")
        self._root = root
        self._folder = folder
        self._clock = clock
        self._copy: _Copy | None = None
        self._refetching: asyncio.Task[_Copy] | None = None

    async def current(self, max_age: timedelta = MAX_AGE) -> TrustListing:
        """The list, asked for `max_age` ago at the most; a copy that is younger asks nobody.

        Raises `DocumentUnavailable` when there is none that is valid now, `DocumentRefused` when what was
        answered does not verify or is older than what was seen.
        """
        wanted = self._clock() - max_age
        while (listing := self._copied(wanted)) is None:
            copy = await self._refetched()
            if copy.list.expires <= self._clock():
                raise TrustListExpired("the trust list has expired")
        return listing

    def _copied(self, wanted: datetime) -> TrustListing | None:
        """What the copy says, if it was asked for since `wanted`, not in a time to come, and is valid."""
        now, copy = self._clock(), self._copy
        if copy is None or not wanted <= copy.asked_at <= now < copy.list.expires:
            return None
        return copy.list.listing

    def _refetched(self) -> Awaitable[_Copy]:
        # One that is done answered who asked before: awaiting it again would give no other task its turn.
        if self._refetching is None or self._refetching.done():
            self._refetching = asyncio.create_task(self._refetch())
            self._refetching.add_done_callback(_told)
        return asyncio.shield(self._refetching)  # who gives up waiting does not end it for the others

    async def _refetch(self) -> _Copy:
        asked_at = self._clock()
        fetcher = _OnLoop(self._fetch, asyncio.get_running_loop())
        found = await asyncio.to_thread(self._read, fetcher)
        self._copy = _Copy(found, asked_at)
        return self._copy

    def _read(self, fetcher: FetcherInterface) -> VerifiedList:
        try:
            root = self._root.read_bytes()
        except OSError as error:
            raise DocumentUnavailable("there is no root to verify the trust list from") from error
        return read_list(self._url, root, self._folder, fetcher)


def _told(task: asyncio.Task[_Copy]) -> None:
    """Look at the failure, of which whoever waited was told, so that nobody warns of it again."""
    if not task.cancelled():
        task.exception()
