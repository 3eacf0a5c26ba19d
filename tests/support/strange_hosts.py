"""Hosts that are not what they should be: names with changing addresses, and servers that note who comes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.typedefs import Handler


class Names(AbstractResolver):
    """Answers each time with the next of its answers, and with the last ever after."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in found
        ]

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class StrangeHost:
    """A listening host: `connections` made to it, and `requests` that came."""

    address: str
    port: int
    connections: int = 0
    requests: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"


async def _taken(_request: web.BaseRequest) -> web.StreamResponse:
    return web.Response()


@asynccontextmanager
async def a_strange_host(
    address: str = "127.0.0.1", answer: Handler = _taken, *, port: int = 0, tls: SSLContext | None = None
) -> AsyncIterator[StrangeHost]:
    """Whatever is asked of it, it answers by `answer`."""

    async def counted(request: web.BaseRequest) -> web.StreamResponse:
        host.requests += 1
        return await answer(request)  # type: ignore[arg-type]  # a handler reads what every request has

    def connected() -> asyncio.Protocol:
        host.connections += 1
        return server()

    server, host = web.Server(counted), StrangeHost(address, port)
    listening = await asyncio.get_running_loop().create_server(connected, address, port, ssl=tls)
    host.port = listening.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        listening.close()
        await server.shutdown(0.1)
