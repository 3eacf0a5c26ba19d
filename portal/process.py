"""The portal's process."""

import asyncio
import logging
import sys

import aiohttp
import uvicorn

from portal.app import make_app
from portal.database import Database, SchemaUnknown
from portal.presenting import AssetsMissing
from portal.settings import Settings

NOT_STARTED = 1
"""The exit code when the portal could not start; a wrong setting is another one."""
GRACE_SECONDS = 10
KEPT_ALIVE_SECONDS = 75
"""Longer than somebody reads a page: a connection closed as a browser uses it is an error there."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. What keeps the portal from starting is one line, and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(serve(settings))
    except (SchemaUnknown, AssetsMissing) as failure:
        sys.stderr.write(f"staff-passport portal: {failure}\n")
        sys.exit(NOT_STARTED)


async def serve(settings: Settings) -> None:
    """Serve until we are told to stop. Raises `SchemaUnknown` or `AssetsMissing`."""
    database = Database.at(settings.database.url.get_secret_value())
    try:
        await database.require_current_schema()
        timeout = aiohttp.ClientTimeout(total=settings.agent_seconds)
        # No cookies: whoever is asked next must not be told what another person's answer left.
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            await uvicorn.Server(_server(settings, database, session)).serve()
    finally:
        await database.dispose()


def _server(settings: Settings, database: Database, session: aiohttp.ClientSession) -> uvicorn.Config:
    return uvicorn.Config(
        make_app(settings, database, session),
        host=settings.host,
        port=settings.port,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[str(address) for address in settings.trusted_proxies],
        access_log=False,  # paths and addresses are about people
        server_header=False,
        log_config=None,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
