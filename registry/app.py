"""The registry's process."""

import asyncio
import logging
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from aiohttp import web

from registry.access import Writers
from registry.memory import Memory
from registry.problems import problems
from registry.publishing import Publications
from registry.reads import Reads
from registry.routes import LIMITS, WRITING, Routes
from registry.settings import Settings, Tls
from registry.store import Store
from registry.trust_list import TrustPublications
from registry.trust_routes import TrustRoutes
from signed_documents.resolution import utc_now

LOGGER = logging.getLogger(__name__)
WRITERS_AT_ONCE = 4
IDLE_SECONDS = 75
"""How long a connection may stay open between two requests."""
NOT_STARTED = 1
"""The exit code when the registry could not start; a wrong setting is another one."""


class RegistryNotStarted(Exception):
    """The registry could not start; the message is one line that says why."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. What keeps the registry from starting is one line, and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(serve(settings))
    except RegistryNotStarted as failure:
        sys.stderr.write(f"staff-passport registry: {failure}\n")
        sys.exit(NOT_STARTED)


def make_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> web.Application:
    store = Store(settings.data)
    publications = Publications(store, settings.origin, clock)
    app = web.Application(middlewares=[problems])
    app[LIMITS] = settings.limits
    app[WRITING] = ThreadPoolExecutor(WRITERS_AT_ONCE, "writing")
    Reads(store, Memory()).register(app)
    writers = Writers(settings.writers, settings.context_writer)
    Routes(store, publications, writers).register(app)
    TrustRoutes(TrustPublications(store), writers).register(app)

    async def while_it_runs(_app: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(store.remove_abandoned)
        await asyncio.to_thread(publications.mend)
        yield
        app[WRITING].shutdown()

    app.cleanup_ctx.append(while_it_runs)
    return app


async def serve(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner = web.AppRunner(make_app(settings), access_log=None, keepalive_timeout=IDLE_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, settings.host, settings.port)
        if settings.tls is not None:
            tls = await asyncio.to_thread(_tls_context, settings.tls)
            await _listen(runner, settings.host, settings.tls.port, tls)
        LOGGER.info("Serving %s at %s", settings.origin, ", ".join(map(str, runner.addresses)))
        await stopped.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        raise RegistryNotStarted(f"port {port} cannot be opened: {error.strerror}") from error


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:  # it says neither which file, nor which of the two
        files = f"tls.certificate {tls.certificate} and tls.key {tls.key}"
        raise RegistryNotStarted(f"{files} cannot be used: {error.strerror or error}") from error
    return context
