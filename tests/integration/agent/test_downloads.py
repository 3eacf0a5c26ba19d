"""A file that is sent as it is made may break off: then nobody must take what came for all of it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from agent.routing import Download, send


async def half() -> AsyncIterator[bytes]:
    yield b"the first half, "
    raise RuntimeError


async def whole() -> AsyncIterator[bytes]:
    yield b"the first half, "
    yield b"and the second"


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def broken(request: web.Request) -> web.StreamResponse:
        return await send(Download("text/csv", "half.csv", half()), request)

    async def sound(request: web.Request) -> web.StreamResponse:
        return await send(Download("text/csv", "whole.csv", whole()), request)

    app = web.Application()
    app.add_routes([web.get("/half", broken), web.get("/whole", sound)])
    running = TestServer(app)
    async with running:
        yield running


async def test_a_download_that_breaks_off_is_an_error_to_whoever_reads_it(server: TestServer) -> None:
    async with aiohttp.ClientSession() as session, session.get(server.make_url("/half")) as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_nothing_is_written_into_a_file_that_breaks_off(server: TestServer) -> None:
    """As a proxy reads that speaks HTTP/1.0, to which the end of the connection is the end of the file."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /half HTTP/1.0\r\nHost: any\r\n\r\n")
    try:
        received = await reader.read()
    except ConnectionResetError:
        received = b""
    writer.close()

    assert received.partition(b"\r\n\r\n")[2] in (b"", b"the first half, ")


async def test_a_download_that_is_whole_says_what_it_is_called(server: TestServer) -> None:
    async with aiohttp.ClientSession() as session, session.get(server.make_url("/whole")) as answer:
        assert await answer.read() == b"the first half, and the second"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="whole.csv"'
