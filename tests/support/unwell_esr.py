"""An ESR that answers as it is told to, and our client of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.settings import EsrSettings, Timeouts

TOKEN = {"access_token": "t" * 20, "token_type": "Bearer", "expires_in": 300, "vpd": "901"}


def client_settings(url: str, **others: Any) -> EsrSettings:
    values = {
        "base_url": url,
        "client_id": "northmoor",
        "client_secret": "northmoor-secret",
        "vpd": "901",
        "search_key": "a search key of at least 32 letters",
        "timeouts": Timeouts(answer=2, overall=5),
        "longest_wait": 0.01,
    }
    return EsrSettings.model_validate({**values, **others})


@dataclass(frozen=True, slots=True)
class Says:
    """One answer."""

    status: int
    text: str = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)


class Flaky:
    """An ESR that answers by the list, and then with its last entry for ever."""

    def __init__(self, *answers: Says, tokens: Sequence[Says] = ()) -> None:
        self.answers = answers
        self.tokens = tokens
        self.asked: list[float] = []  # by the loop's clock
        self.tokens_asked: list[float] = []

    async def token(self, _request: web.Request) -> web.Response:
        self.tokens_asked.append(asyncio.get_running_loop().time())
        if len(self.tokens_asked) <= len(self.tokens):
            return _response(self.tokens[len(self.tokens_asked) - 1])
        return web.json_response(TOKEN)

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked.append(asyncio.get_running_loop().time())
        return _response(self.answers[min(len(self.asked), len(self.answers)) - 1])


def _response(says: Says) -> web.Response:
    return web.Response(status=says.status, text=says.text, headers=says.headers)


class Slow(Flaky):
    """An ESR that answers nobody before `enough` have asked, and remembers how many asked at once."""

    def __init__(self, enough: int) -> None:
        super().__init__(Says(200))
        self.enough = enough
        self.waiting = 0
        self.most = 0
        self.open = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting == self.enough:
            self.open.set()
        await self.open.wait()
        self.waiting -= 1
        return await super().answer(request)


@asynccontextmanager
async def served(esr: Flaky, **others: Any) -> AsyncIterator[EsrClient]:
    """A client of `esr`, for the length of the block."""
    app = web.Application()
    app.add_routes([web.post("/oauth2/token", esr.token), web.get("/v1/{rest:.*}", esr.answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = EsrClient(client_settings(f"http://127.0.0.1:{runner.addresses[0][1]}", **others))
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()
