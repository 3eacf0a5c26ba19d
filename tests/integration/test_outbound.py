"""What is sent and fetched where strangers say, by real sockets: where that was checked, or nowhere."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from ssl import SSLContext

import aiohttp
import pytest
from aiohttp import web

from signed_documents.errors import DocumentRefused, DocumentUnavailable, Reason
from signed_documents.fetching import GuardedFetcher
from signed_documents.outbound_guard import ForbiddenAddress, OutboundGuard
from signed_documents.sending import GuardedSender
from staff_passport.demo.local_authority import LocalAuthority
from tests.support.strange_hosts import Names, StrangeHost, a_strange_host

OURS, ANOTHER = "127.0.0.1", "127.0.0.2"
"""The one address that these tests name as private, so that it may be sent to; and one that nobody named."""


@asynccontextmanager
async def a_sender(names: Names | None = None, *, patience: float = 5) -> AsyncIterator[GuardedSender]:
    timeout = aiohttp.ClientTimeout(total=patience)
    sender = GuardedSender(OutboundGuard([OURS], resolver=names), timeout=timeout)
    yield sender
    await sender.close()


@asynccontextmanager
async def two_hosts(tls: SSLContext | None = None) -> AsyncIterator[tuple[StrangeHost, StrangeHost]]:
    """One at the address that is allowed, and one at the same port of the other."""
    async with a_strange_host(tls=tls) as ours, a_strange_host(ANOTHER, port=ours.port, tls=tls) as another:
        yield ours, another


def tls_for(host: str, folder: Path) -> SSLContext:
    """A certificate by an authority that nobody knows."""
    certified = LocalAuthority.new(folder).certify("host", host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified.certificate, certified.key)
    return context


async def test_connections_are_kept_and_used_again() -> None:
    async with a_strange_host() as host, a_sender() as send:
        assert [await send(host.url, b"a message", {}) for _ in range(5)] == [200] * 5

    assert (host.connections, host.requests) == (1, 5)


async def test_a_message_goes_to_the_address_that_was_checked_whatever_the_name_answers_next() -> None:
    names = Names([OURS], [ANOTHER])
    async with two_hosts() as (ours, another), a_sender(names) as send:
        assert await send(f"http://rebound.example:{ours.port}", b"a message", {}) == 200

    assert (ours.requests, another.connections, names.asked) == (1, 0, 1)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("answers", [[ANOTHER], [OURS, ANOTHER], ["9.9.9.9", ANOTHER], ["::ffff:127.0.0.2"]])
async def test_nothing_goes_to_a_name_with_an_address_that_nobody_allowed(
    scheme: str, answers: list[str]
) -> None:
    async with two_hosts() as (ours, another), a_sender(Names(answers)) as send:
        with pytest.raises(ForbiddenAddress):
            await send(f"{scheme}://rebound.example:{ours.port}", b"a message", {})

    assert (ours.connections, another.connections) == (0, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    async with a_strange_host(ANOTHER) as another:

        async def elsewhere(_request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=status, headers={"Location": another.url})

        async with a_strange_host(OURS, elsewhere) as ours, a_sender() as send:
            assert await send(ours.url, b"a message", {}) == status

    assert (ours.requests, another.connections) == (1, 0)


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 100_000)


async def _silent(_request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def _dripping(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


async def _bomb(_request: web.BaseRequest) -> web.StreamResponse:
    body = gzip.compress(bytes(30_000_000))
    return web.Response(body=body, headers={"Content-Encoding": "gzip"})


async def test_an_endless_answer_is_not_read() -> None:
    async with a_strange_host(OURS, _endless) as host, a_sender() as send:
        assert await send(host.url, b"a message", {}) == 200
        assert await send(host.url, b"another", {}) == 200

    assert host.connections == 2  # the first was closed with most of the answer unsent


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    async with a_strange_host(OURS, _silent) as host, a_sender(patience=0.3) as send:
        with pytest.raises(TimeoutError):
            await send(host.url, b"a message", {})


async def test_a_host_whose_certificate_nobody_vouches_for_is_sent_nothing(tmp_path: Path) -> None:
    tls = tls_for("wallets.example", tmp_path)
    async with a_strange_host(OURS, tls=tls) as host, a_sender(Names([OURS])) as send:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await send(f"https://wallets.example:{host.port}", b"a message", {})

    assert host.requests == 0


@asynccontextmanager
async def a_fetcher(names: Names, mapped: str = "http://127.0.0.1:1") -> AsyncIterator[GuardedFetcher]:
    """A fetcher to which one address of this machine stands for the public, and a mapped origin."""
    guard = OutboundGuard([OURS], resolver=names)
    fetcher = GuardedFetcher({"https://mapped.example": mapped}, timeout=0.5, max_bytes=100_000, guard=guard)
    yield fetcher
    await fetcher.close()


@pytest.mark.parametrize("answers", [[ANOTHER], [OURS, ANOTHER], ["9.9.9.9", "169.254.169.254"]])
async def test_a_document_is_not_read_from_an_address_that_nobody_allowed(answers: list[str]) -> None:
    async with two_hosts() as (ours, another), a_fetcher(Names(answers)) as fetch:
        with pytest.raises(DocumentRefused) as refused:
            await fetch(f"https://rebound.example:{ours.port}/did.jsonl")

    assert refused.value.reason is Reason.FORBIDDEN_ADDRESS
    assert (ours.connections, another.connections) == (0, 0)


async def test_a_document_is_read_from_the_address_that_was_checked(tmp_path: Path) -> None:
    """By its certificate alone it is not read, so that this needs no authority that everybody trusts."""
    names = Names([OURS], [ANOTHER])
    tls = tls_for("rebound.example", tmp_path)
    async with two_hosts(tls) as (ours, another), a_fetcher(names) as fetch:
        with pytest.raises(DocumentUnavailable):
            await fetch(f"https://rebound.example:{ours.port}/did.jsonl")

    assert (ours.connections, another.connections, names.asked) == (1, 0, 1)
    assert ours.requests == 0


async def test_a_compressed_answer_is_refused_and_not_unpacked() -> None:
    async with a_strange_host(OURS, _bomb) as host, a_fetcher(Names([OURS]), host.url) as fetch:
        with pytest.raises(DocumentRefused) as refused:
            await fetch("https://mapped.example/did.jsonl")

    assert refused.value.reason is Reason.MALFORMED


async def test_an_answer_that_comes_a_byte_at_a_time_is_not_waited_for() -> None:
    async with a_strange_host(OURS, _dripping) as host, a_fetcher(Names([OURS]), host.url) as fetch:
        with pytest.raises(DocumentUnavailable):
            await fetch("https://mapped.example/did.jsonl")


async def test_an_origin_that_only_looks_like_a_mapped_one_is_not_mapped() -> None:
    async with a_strange_host() as host, a_fetcher(Names(["10.0.0.1"]), host.url) as fetch:
        for other in (
            "https://xn--mpped-5nf.example/",
            "https://mapped.example.:443/",
            "https://mapped.example:8443/",
        ):
            with pytest.raises(DocumentRefused):
                await fetch(other)

    assert host.connections == 0
