"""Routes that cannot be registered."""

from aiohttp import web

from agent.routing import RouteTable

ROUTES = RouteTable("registration_raises")


async def register(_app: web.Application) -> None:
    raise RuntimeError("the queue is not there")
