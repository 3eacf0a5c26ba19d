"""The portal as an application: its pages, and what stands before them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal.accounts import LockOut
from portal.agent_client.agents import Agents
from portal.database import Database, SchemaUnknown
from portal.dispatch import Dispatch
from portal.drafts import Drafts, draft_seal
from portal.form_tokens import FormTokens
from portal.middleware import SecurityHeaders
from portal.passwords import Passwords
from portal.permissions import Page
from portal.presenting import Assets, Templates
from portal.records import AccountRecords, DraftRecords, SessionRecords
from portal.second_factor import SecondFactors
from portal.sessions import Life, Sessions
from portal.settings import Settings
from portal.sign_in import AddressLimit, SignIn
from portal.views import (
    alerts,
    audit,
    home,
    live,
    organisations,
    passports,
    reviews,
    sign_in,
    subject_requests,
)
from portal.visits import Portal

_JOURNEYS = (sign_in, organisations, home, live, passports, reviews, alerts, audit, subject_requests)
PAGES: tuple[Page, ...] = tuple(page for journey in _JOURNEYS for page in journey.PAGES.pages)
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
    portal = Portal(
        settings,
        Sessions(SessionRecords(database), _life(settings), now),
        Drafts(DraftRecords(database), draft_seal(settings.form_key.get_secret_value().encode()), now),
        _sign_in(settings, database, passwords, now),
        Agents.of(settings, session),
        FormTokens(settings.form_key.get_secret_value().encode()),
        Templates(assets),
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


def _sign_in(
    settings: Settings, database: Database, passwords: Passwords, now: Callable[[], datetime]
) -> SignIn:
    told = settings.sign_in
    return SignIn(
        AccountRecords(database),
        passwords,
        SecondFactors(Fernet(settings.totp_key.get_secret_value())),
        LockOut(told.wrong_tries, timedelta(minutes=told.locked_minutes)),
        AddressLimit(
            told.tries_per_address,
            timedelta(minutes=told.address_minutes),
            settings.form_key.get_secret_value().encode(),
        ),
        now,
    )


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
