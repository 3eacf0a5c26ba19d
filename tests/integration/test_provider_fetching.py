"""What we ask a provider over the network: how long we wait, how much we read, and whom we follow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from portal.openid.fetching import LARGEST_ANSWER, HttpFetching
from portal.openid.refusals import NotSignedInThere, Reason


async def well(_: web.Request) -> web.Response:
    return web.json_response({"issuer": "https://sign-in.example"})


async def elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPFound("/well")


async def large(_: web.Request) -> web.Response:
    return web.json_response({"much": "x" * LARGEST_ANSWER})


async def nested(_: web.Request) -> web.Response:
    return web.Response(text="[" * 100_000)


async def list_(_: web.Request) -> web.Response:
    return web.json_response([])


async def text(_: web.Request) -> web.Response:
    return web.Response(text="<html>")


async def broken(_: web.Request) -> web.Response:
    raise web.HTTPInternalServerError


async def busy(_: web.Request) -> web.Response:
    raise web.HTTPTooManyRequests


async def refusing(_: web.Request) -> web.Response:
    return web.json_response({"error": "invalid_client"}, status=401)


async def silent(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return await well(request)


ANSWERS: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
    each.__name__: each
    for each in (well, elsewhere, large, nested, list_, text, broken, busy, refusing, silent)
}


@pytest.fixture
async def provider() -> AsyncIterator[TestServer]:
    app = web.Application()
    for name, answer in ANSWERS.items():
        app.router.add_get(f"/{name}", answer)
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def fetching() -> AsyncIterator[HttpFetching]:
    async with aiohttp.ClientSession() as session:
        yield HttpFetching(session, aiohttp.ClientTimeout(total=1))


async def test_an_object_is_read(provider: TestServer, fetching: HttpFetching) -> None:
    assert await fetching.get(str(provider.make_url("/well"))) == {"issuer": "https://sign-in.example"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (elsewhere, Reason.NOT_UNDERSTOOD),
        (large, Reason.NOT_UNDERSTOOD),
        (nested, Reason.NOT_UNDERSTOOD),
        (list_, Reason.NOT_UNDERSTOOD),
        (text, Reason.NOT_UNDERSTOOD),
        (refusing, Reason.NOT_UNDERSTOOD),
        (broken, Reason.UNAVAILABLE),
        (busy, Reason.UNAVAILABLE),
        (silent, Reason.UNAVAILABLE),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
async def test_anything_else_is_refused_or_unavailable(
    provider: TestServer,
    fetching: HttpFetching,
    answer: Callable[[web.Request], Awaitable[web.Response]],
    reason: Reason,
) -> None:
    with pytest.raises(NotSignedInThere) as refused:
        await fetching.get(str(provider.make_url(f"/{answer.__name__}")))

    assert refused.value.reason is reason


async def test_nobody_there_is_unavailable(provider: TestServer, fetching: HttpFetching) -> None:
    address = str(provider.make_url("/well"))
    await provider.close()

    with pytest.raises(NotSignedInThere) as refused:
        await fetching.post(address, {}, "a=b")

    assert refused.value.reason is Reason.UNAVAILABLE
