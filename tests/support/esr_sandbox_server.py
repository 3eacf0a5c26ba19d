"""The ESR sandbox served on loopback, and its operator's hand on it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware
from yarl import URL

from esr_sandbox.app import create_app
from esr_sandbox.mutual_tls import server_context
from esr_sandbox.settings import Settings
from staff_passport.demo.local_authority import LocalAuthority


@dataclass(frozen=True, slots=True)
class SandboxServer:
    """A sandbox that is up, and a session that speaks to it."""

    url: str
    session: aiohttp.ClientSession

    async def control(self, method: str, path: str, body: object = None) -> int:
        """Use the control API; `path` comes after `/sandbox/`. Gives the status."""
        url = URL(f"{self.url}/sandbox/{path}", encoded=True)
        headers = {"Authorization": "Bearer control"}
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return response.status

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        """Ask the API itself; gives the status and the JSON."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def token(self, client: str = "northmoor") -> str:
        """Get a token as an organisation's program does."""
        status, answer = await self.form(client_id=client, client_secret=f"{client}-secret")
        assert status == 200
        return str(answer["access_token"])

    async def form(self, **fields: str) -> tuple[int, Any]:
        """Ask for a token with any form."""
        form = {"grant_type": "client_credentials", **fields}
        async with self.session.post(f"{self.url}/oauth2/token", data=form) as response:
            return response.status, await response.json()


@asynccontextmanager
async def a_sandbox(
    settings: Settings, *, authority: LocalAuthority | None = None, watch: Middleware | None = None
) -> AsyncIterator[SandboxServer]:
    """Serve a sandbox for the length of the block; `watch` sees every request.

    Whoever speaks to one with TLS believes `authority`.
    """
    app = create_app(settings)
    if watch is not None:
        app.middlewares.insert(0, watch)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    tls = None if settings.tls is None else server_context(settings.tls)
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        believed = True if authority is None else authority.client_tls()
        scheme = "http" if tls is None else "https"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=believed)) as session:
            yield SandboxServer(f"{scheme}://127.0.0.1:{runner.addresses[0][1]}", session)
    finally:
        await runner.cleanup()


@contextmanager
def a_sandbox_in_a_thread(settings: Settings) -> Iterator[str]:
    """Serve a sandbox for whoever cannot await; gives its address."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    served = a_sandbox(settings)
    try:
        server = asyncio.run_coroutine_threadsafe(served.__aenter__(), loop).result()
        try:
            yield server.url
        finally:
            asyncio.run_coroutine_threadsafe(served.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
