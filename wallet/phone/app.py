"""The phone as an application: its pages, and the port that browsers on this machine find them at."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from acapy_agent.core.profile import Profile
from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from wallet.holder.events import UnknownEvent
from wallet.holder.problems import NotFound, told
from wallet.phone.door import COOKIE, Door, protect
from wallet.phone.views import ROUTES, Route
from wallet.phone.visits import GoOn, Page, Visit, Wallet
from wallet.settings import Phone

STATIC = Path(__file__).parent / "static"
TYPES = {"phone.css": "text/css", "phone.js": "text/javascript", "icon.svg": "image/svg+xml"}
WAIT_SECONDS = 25
"""How long a page waits for something new before it asks again."""
LONGEST_LINE = 65_536
"""Of a request: an invitation stands in its address."""
LOOPBACK = "127.0.0.1"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADINGS = {
    HTTPStatus.NOT_FOUND: "Page not found",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something does not answer at the moment",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong",
}
_ELSEWHERE = "This is the wallet of somebody on another address."


def templates() -> Environment:
    """Pages as HTML. Everything that is put into one is escaped."""
    loader = PackageLoader("wallet.phone")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@dataclass(frozen=True, slots=True)
class PhoneApp:
    """Serves the table of pages."""

    wallet: Wallet
    door: Door
    templates: Environment

    @classmethod
    def over(cls, wallet: Wallet, port: int) -> "PhoneApp":
        """The pages of one wallet, at one port."""
        return cls(wallet, Door(port), templates())

    def application(self) -> web.Application:
        """Every route, behind the door."""
        app = web.Application(middlewares=[self._at_the_door])
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._served(route))
        app.router.add_get("/changes", self._changes)
        app.router.add_get("/static/{name}", _static)
        return app

    @web.middleware
    async def _at_the_door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.door.knows(request):
            return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text=_ELSEWHERE)
        request["nonce"], request["browser"] = secrets.token_urlsafe(16), self.door.browser(request)
        # Before anything is read: what happens while a page is made is news to it.
        request["last"] = self.wallet.events.last
        try:
            response = await handler(request)
        except web.HTTPException:  # aiohttp's own: there is no such page
            response = self._problem(request, NotFound("Check the address, or begin at your wallet."))
        protect(response, request["nonce"])
        return response

    def _served(self, route: Route) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            try:
                return await self._answer(route, request)
            except Exception as error:  # noqa: BLE001 - the edge: every error becomes a page
                return self._problem(request, error)

        return serve

    async def _answer(self, route: Route, request: web.Request) -> web.Response:
        sent = await self.door.form(request) if route.method == "POST" else {}
        visit = Visit(self.wallet, request.match_info.get("id", ""), dict(request.query.items()), sent)
        shown = await route.view(visit)
        if isinstance(shown, GoOn):
            return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": shown.path})
        return self._rendered(request, shown)

    def _problem(self, request: web.Request, error: Exception) -> web.Response:
        says = told(error)
        heading = _HEADINGS.get(says.status, "This cannot be done")
        page = Page("problem.html", heading, int(says.status), shown={"sentence": says.sentence})
        return self._rendered(request, page)

    def _rendered(self, request: web.Request, page: Page) -> web.Response:
        everywhere = {
            "title": page.title,
            "waits": page.waits,
            "errors": page.errors,
            "path": request.path,
            "nonce": request["nonce"],
            "form_token": self.door.token(request["browser"]),
            "last": request["last"],
        }
        html = self.templates.get_template(page.template).render(everywhere | dict(page.shown))
        response = web.Response(text=html, status=page.status, content_type="text/html")
        if request.cookies.get(COOKIE) != request["browser"]:
            # Lax: a link that leads here from the portal or an e-mail finds the browser that it knows.
            response.set_cookie(COOKIE, request["browser"], httponly=True, samesite="Lax")
        return response

    async def _changes(self, request: web.Request) -> web.Response:
        """The number of the newest event, once there is one after the number that a page knows."""
        after = request.query.get("after", "")
        if not after.isascii() or not after.isdigit() or len(after) > len("1000000000"):
            raise web.HTTPNotFound
        with suppress(UnknownEvent):  # the wallet was started again: what the page shows is old
            await self.wallet.events.after(int(after), within=WAIT_SECONDS)
        return web.json_response({"last": self.wallet.events.last})


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in TYPES:
        raise web.HTTPNotFound
    content = await asyncio.to_thread((STATIC / name).read_bytes)
    return web.Response(body=content, content_type=TYPES[name], charset="utf-8")


@asynccontextmanager
async def phone(settings: Phone, profile: Profile) -> AsyncIterator[None]:
    """Serve the pages until the block ends, to browsers on this machine alone."""
    app = PhoneApp.over(Wallet.of(profile), settings.port).application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, max_line_size=LONGEST_LINE)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, settings.port).start()
        yield
    finally:
        await runner.cleanup()
