"""An agent that knows one person, and answers everything else with whatever it is told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agent.domain.actors import Permission
from staff_passport.demo.network import LOOPBACK, free_port

type Json = dict[str, Any]

MAY = [Permission.ORGANISATION_READ.value, Permission.TASK_READ.value]


@dataclass(slots=True)
class UnwellAgent:
    """What it answers next."""

    base: str
    status: int = 500
    problem: Json = field(default_factory=dict)

    async def me(self, _request: web.Request) -> web.Response:
        return web.json_response({"permissions": MAY})

    async def answer(self, _request: web.Request) -> web.Response:
        return web.json_response(self.problem, status=self.status)


@asynccontextmanager
async def an_unwell_agent() -> AsyncIterator[UnwellAgent]:
    """Started; stopped at the end of the block."""
    port = free_port()
    agent, app = UnwellAgent(f"http://{LOOPBACK}:{port}"), web.Application()
    app.router.add_get("/me", agent.me)
    app.router.add_route("*", "/{path:.*}", agent.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    try:
        yield agent
    finally:
        await runner.cleanup()
