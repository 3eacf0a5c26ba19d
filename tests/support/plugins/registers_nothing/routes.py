"""A route that is said, and never served."""

from aiohttp import web

from agent.domain.actors import Permission
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("registers_nothing")


@ROUTES.get("/forgotten", permission=Permission.ORGANISATION_READ, summary="Never served", answer=Answer)
async def forgotten(_call: Call[None]) -> Answer:
    return Answer()


async def register(_app: web.Application) -> None:
    """Nothing is served."""
