"""The one module here that opens sockets: GET of URLs that strangers may name, behind a guard."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from signed_documents.errors import (
    DocumentNotFound,
    DocumentRefused,
    DocumentUnavailable,
    Reason,
    SignedDocumentError,
)
from signed_documents.files import whole_file_without_blocking

DEFAULT_TIMEOUT = 10.0  # seconds for one answer
DEFAULT_MAX_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_REDIRECTIONS = range(300, 400)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class _PublicAddresses(AbstractResolver):
    """Resolves to public addresses only; aiohttp connects to exactly those that were checked."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answers = await self._resolver.resolve(host, port, family)
        if not answers or not all(_is_public(answer["host"]) for answer in answers):
            raise _ForbiddenAddress
        return answers

    async def close(self) -> None:
        await self._resolver.close()


def _is_public(host: str) -> bool:
    """Whether an address is on the public internet, also one that carries an IPv4 one (RFC 6052, 3056)."""
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        address = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    elif isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global


class _ForbiddenAddress(Exception):
    """A name that leads to a private, loopback or link-local address."""


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
    ) -> None:
        self._origins = {URL(origin).origin(): URL(base) for origin, base in origins.items()}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._max_bytes = max_bytes
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
                _require_success(response.status)
                yield response
        except SignedDocumentError:
            raise
        except (_ForbiddenAddress, aiohttp.InvalidURL, ValueError) as error:
            raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "that is not an address we ask") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DocumentUnavailable("the host did not answer") from error

    def _route(self, url: str) -> tuple[aiohttp.ClientSession, URL]:
        parsed = URL(url)
        if base := self._origins.get(parsed.origin()):
            self._mapped = self._mapped or self._session(None)
            return self._mapped, base.join(parsed.relative())
        if parsed.scheme != "https" or _is_address(parsed.host) or parsed.user or parsed.password:
            raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "only https to a named host is asked")
        self._guarded = self._guarded or self._session(_PublicAddresses())
        return self._guarded, parsed

    def _session(self, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver),
            timeout=self._timeout,
            headers={"Accept-Encoding": "identity"},  # no compressed bodies, so no bombs
            cookie_jar=aiohttp.DummyCookieJar(),
        )


def _require_success(status: int) -> None:
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise DocumentNotFound("the host has no such document")
    if status in _REDIRECTIONS:
        raise DocumentRefused(Reason.FORBIDDEN_ADDRESS, "the host redirects elsewhere")
    if status != HTTPStatus.OK:
        raise DocumentUnavailable(f"the host answered {status}")


async def _limited(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        received += len(chunk)
        if received > limit:
            raise DocumentRefused(Reason.TOO_LARGE, "the document is larger than any we accept")
        yield chunk


def _is_address(host: str | None) -> bool:
    """Whether `host` is none, a bare name, or an address in any spelling: `127.1` and `0x7f.1` are, too.

    By its last label, as browsers tell (WHATWG URL, "ends in a number").
    """
    if not host or ":" in host or "." not in host:
        return True
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None
