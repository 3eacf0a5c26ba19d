"""A way to a server that can be shut, for tests of what happens when it does not answer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web


@dataclass(slots=True)
class Door:
    """Reads pass through while it is open; while it is shut, nobody is there to answer them."""

    url: str
    is_open: bool = True


@contextmanager
def shut(door: Door) -> Iterator[None]:
    """Shut for as long as the block."""
    door.is_open = False
    try:
        yield
    finally:
        door.is_open = True


@asynccontextmanager
async def a_door(to: str) -> AsyncIterator[Door]:
    """A door to the server at `to`."""
    async with aiohttp.ClientSession() as session:
        door = Door("")

        async def pass_through(request: web.Request) -> web.Response:
            if not door.is_open:
                return web.Response(status=503)
            async with session.get(to + request.path_qs) as answer:
                return web.Response(status=answer.status, body=await answer.read())

        app = web.Application()
        app.router.add_get("/{path:.*}", pass_through)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield door
        finally:
            await runner.cleanup()
