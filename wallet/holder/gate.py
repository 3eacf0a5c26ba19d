"""What the control port serves: our own routes, to who has the key, and a sign of life."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from wallet.holder.problems import NotAuthenticated, NotFound, problem

OURS = "staff_passport_wallet_route"
"""The attribute that marks a handler as one of our route table."""

TELLS_HOW_IT_IS = frozenset({"/status", "/status/live", "/status/ready", "/plugins"})
"""Of ACA-Py's routes, those that stay. Not `/status/config`: it prints every setting."""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 404 for every other route, whatever key comes with it."""
    if getattr(request.match_info.handler, OURS, False):
        return await _with_key(request, handler)
    if request.method == "GET" and request.path in TELLS_HOW_IT_IS:
        return await handler(request)
    return problem(NotFound("There is no such resource."))


def close(app: web.Application) -> None:
    """Put the gate before ACA-Py's own middlewares, whose list stands before plugins register routes."""
    app.middlewares.insert(0, gate)


async def _with_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    key = request.app["context"].settings.get("admin.admin_api_key")
    given = request.headers.get("X-API-Key", "")
    if not key or not hmac.compare_digest(given.encode(), key.encode()):
        return problem(NotAuthenticated())
    return await handler(request)


def ours[H](handler: H) -> H:
    """Mark `handler` as one of ours."""
    setattr(handler, OURS, True)
    return handler
