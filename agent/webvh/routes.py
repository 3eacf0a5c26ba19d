"""The organisation's DID over HTTP."""

from aiohttp import web

from agent.routing import RouteTable
from agent.webvh.domain_routes import DOMAIN_ROUTES

ROUTES = RouteTable("did")
ROUTES.include(DOMAIN_ROUTES)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
