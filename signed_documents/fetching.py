"""GET of URLs that strangers may name, behind a guard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import aiohttp
from yarl import URL

from signed_documents.errors import (
    DocumentNotFound,
    DocumentRefused,
    DocumentUnavailable,
    Reason,
    SignedDocumentError,
)
from signed_documents.files import whole_file_without_blocking
from signed_documents.outbound_guard import ForbiddenAddress, OutboundGuard

DEFAULT_TIMEOUT = 10.0  # seconds for one answer
DEFAULT_MAX_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_REDIRECTIONS = range(300, 400)


class GuardedFetcher:
    """Fetches a document: https and public addresses only, no redirects, limited in size and time.

    `origins` maps an origin in identifiers to where this machine finds it, loopback included; only
    configuration may say so, so such an address is not guarded.
    """

    def __init__(
        self,
        origins: Mapping[str, str],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        max_bytes: int = DEFAULT_MAX_BYTES,
        guard: OutboundGuard | None = None,
    ) -> None:
        self._origins = {URL(origin).origin(): URL(base) for origin, base in origins.items()}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._max_bytes = max_bytes
        self._guard = guard or OutboundGuard()
        self._guarded: aiohttp.ClientSession | None = None
        self._mapped: aiohttp.ClientSession | None = None

    async def __call__(self, url: str) -> bytes:
        """The body at `url`. Raises only `SignedDocumentError`s."""
        async with self._answer(url) as response:
            return b"".join([chunk async for chunk in _limited(response, self._max_bytes)])

    async def download(self, url: str, to: Path, *, max_bytes: int) -> None:
        """Write the body at `url` to the file `to`, which appears whole or not at all."""
        async with self._answer(url) as response, whole_file_without_blocking(to) as partial:
            async for chunk in _limited(response, max_bytes):
                await asyncio.to_thread(partial.write, chunk)

    async def close(self) -> None:
        for session in (self._guarded, self._mapped):
            if session is not None:
                await session.close()

    @asynccontextmanager
    async def _answer(self, url: str) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            session, target = self._route(url)
            async with session.get(target, allow_redirects=False) as response:
                _require_success(response)
                yield response
        except SignedDocumentError:
            raise
        except (ForbiddenAddress, aiohttp.InvalidURL) as error:
            raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "that is not an address we ask") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:  # a certificate's error is a ValueError
            raise DocumentUnavailable("the host did not answer") from error
        except ValueError as error:
            raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "that is no address") from error

    def _route(self, url: str) -> tuple[aiohttp.ClientSession, URL]:
        parsed = URL(url)
        if base := self._origins.get(parsed.origin()):
            self._mapped = self._mapped or self._session(None)
            return self._mapped, base.join(parsed.relative())
        if parsed.scheme != "https":
            raise ForbiddenAddress("documents are read with TLS")
        self._guard.require(parsed)
        self._guarded = self._guarded or self._session(self._guard.connector("https"))
        return self._guarded, parsed

    def _session(self, connector: aiohttp.TCPConnector | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            headers={"Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # no compressed bodies, so no bombs
        )


def _require_success(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise DocumentNotFound("the host has no such document")
    if status in _REDIRECTIONS:
        raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "the host redirects elsewhere")
    if status != HTTPStatus.OK:
        raise DocumentUnavailable(f"the host answered {status}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise DocumentRefused(Reason.MALFORMED, "the host compresses what was asked for as it is")


async def _limited(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        received += len(chunk)
        if received > limit:
            raise DocumentRefused(Reason.TOO_LARGE, "the document is larger than any we accept")
        yield chunk
