"""What the admin port serves: our own routes, and of ACA-Py's the few that only tell how it is."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from agent.domain.errors import NotAuthenticated
from agent.problems import not_found, problem
from agent.routing import OURS

HOW_IT_IS = frozenset({"/plugins", "/status/live", "/status/ready"})
"""Not `/status/config`, which shows every setting, what is secret among plugins' settings included."""


def may_be_served(method: str, path: str, handler: object) -> bool:
    """Deny by default: a route of ours, or one of the few reads that say how the agent is."""
    return getattr(handler, OURS, None) is not None or (method == "GET" and path in HOW_IT_IS)


@web.middleware
async def only_our_routes(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer 404 for every other route, whatever key comes with it."""
    if may_be_served(request.method, request.path, request.match_info.handler):
        try:
            return await handler(request)
        except web.HTTPUnauthorized:  # of a tenant's token, which ACA-Py looks at before any route
            return problem(NotAuthenticated("the tenant token is malformed, ended or nobody's"))
    return not_found()


def guard(app: web.Application) -> None:
    """Put the middleware before ACA-Py's own; the list is assembled before plugins register routes."""
    app.middlewares.insert(0, only_our_routes)
