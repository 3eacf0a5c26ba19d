"""The registry's process."""

import asyncio
import logging
import signal
import ssl
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from registry.access import Writers
from registry.problems import problems
from registry.publishing import Publications
from registry.routes import Routes, open_to_all_readers
from registry.settings import Settings, Tls
from registry.store import Store
from signed_documents.resolution import utc_now
from signed_documents.webvh_logs import MAX_LOG_BYTES

LOGGER = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(serve(settings))


def make_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> web.Application:
    store = Store(settings.data)
    publications = Publications(store, settings.origin, clock)
    app = web.Application(middlewares=[problems], client_max_size=MAX_LOG_BYTES + 1)
    app.on_response_prepare.append(open_to_all_readers)
    Routes(store, publications, Writers(settings.writers, settings.context_writer)).register(app)
    return app


async def serve(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner = web.AppRunner(make_app(settings), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        if settings.tls is not None:
            tls = await asyncio.to_thread(_tls_context, settings.tls)
            await web.TCPSite(runner, settings.host, settings.tls.port, ssl_context=tls).start()
        LOGGER.info("Serving %s at %s", settings.origin, ", ".join(map(str, runner.addresses)))
        await stopped.wait()
    finally:
        await runner.cleanup()


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    return context
