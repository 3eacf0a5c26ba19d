"""The portal as an application: its pages, and what stands before them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal.agent_client.agents import Agents
from portal.database import Database, SchemaUnknown
from portal.dispatch import Dispatch
from portal.drafts import Drafts, draft_seal
from portal.form_tokens import FormTokens
from portal.middleware import SecurityHeaders
from portal.passwords import Passwords
from portal.permissions import Page
from portal.presenting import Assets, Templates
from portal.records import DraftRecords, SessionRecords
from portal.sessions import Life, Sessions
from portal.settings import Settings
from portal.views import (
    alerts,
    applications,
    audit,
    confirmation,
    home,
    invitations,
    issue,
    live,
    local_settings,
    organisations,
    our_organisation,
    passkey,
    passport,
    passports,
    people,
    personas,
    provider,
    registration,
    reviews,
    revocation,
    search_alerts,
    sign_in,
    subject_requests,
    tasks,
    terms,
    verdicts,
    weak_matches,
    your_sign_in,
)
from portal.visits import Portal
from portal.ways_in import WaysIn

JOURNEYS = (
    sign_in,
    personas,
    provider,
    passkey,
    your_sign_in,
    organisations,
    invitations,
    home,
    live,
    passports,
    issue,
    weak_matches,
    passport,
    confirmation,
    revocation,
    reviews,
    verdicts,
    alerts,
    tasks,
    people,
    our_organisation,
    local_settings,
    registration,
    terms,
    applications,
    search_alerts,
    audit,
    subject_requests,
)
PAGES: tuple[Page, ...] = tuple(page for journey in JOURNEYS for page in journey.PAGES.pages)
"""Every page there is."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def make_app(
    settings: Settings,
    database: Database,
    session: aiohttp.ClientSession,
    *,
    now: Callable[[], datetime] = utc_now,
) -> Starlette:
    """The application over what it reaches."""
    assets, passwords = Assets(), Passwords()
    ways = WaysIn.of(settings, database, session, passwords, now)
    portal = Portal(
        settings,
        Sessions(SessionRecords(database), _life(settings), now),
        Drafts(DraftRecords(database), draft_seal(settings.form_key.get_secret_value().encode()), now),
        ways.local,
        Agents.of(settings, session),
        FormTokens(settings.form_key.get_secret_value().encode()),
        Templates(assets),
        ways.providers,
        ways.passkeys,
        ways.own,
    )
    dispatch = Dispatch(portal, frozenset(page.path for page in PAGES if page.method == "GET"))
    return Starlette(
        routes=[
            *(Route(page.path, dispatch.endpoint(page), methods=[page.method]) for page in PAGES),
            Route("/static/{name}", assets.serve),
            Route("/status/ready", _ready(database)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={404: dispatch.not_found, 405: dispatch.not_found},
        lifespan=_while_it_runs(passwords),
    )


def _life(settings: Settings) -> Life:
    told = settings.sessions
    return Life(timedelta(minutes=told.idle_minutes), timedelta(hours=told.longest_hours))


def _ready(database: Database) -> Callable[[Request], Awaitable[Response]]:
    async def ready(_: Request) -> Response:
        try:
            await database.require_current_schema()
        except SchemaUnknown:
            return PlainTextResponse("not ready", 503)
        return PlainTextResponse("ready")

    return ready


def _while_it_runs(passwords: Passwords) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        passwords.close()

    return lifespan
