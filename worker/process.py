"""The worker's process: one or more agents' queues, until it is told to stop."""

import asyncio
import logging
import signal
import sys

import aiohttp
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from agent_client import AgentClient, PortalKey
from worker.post import Post, post_of
from worker.settings import Agent, Queue, Settings
from worker.tasks import Deliveries, app_of

NOT_STARTED = 1
SCHEMA = "jobs"
"""Where the queue's tables are."""
_AT_A_TIME = 5
_POLL_SECONDS = 5.0
"""How often the queue is looked at besides: PostgreSQL tells when there is something new."""


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is being done is finished first."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # A job that fails is logged with what it raised, which may quote a message; we say it ourselves.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(settings))
    except (psycopg.Error, ConnectorException, QueueLost) as failure:
        sys.stderr.write(f"staff-passport worker: a queue cannot be read: {type(failure).__name__}\n")
        sys.exit(NOT_STARTED)


async def _serve(settings: Settings) -> None:
    for queue in settings.queues:
        await _require(queue)
    post = post_of(settings.mail)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        apps = [_app(queue, session, post, settings) for queue in settings.queues]
        for app in apps:
            await app.open_async()
        try:
            await _work(apps)
        finally:
            for app in apps:
                await app.close_async()


async def _require(queue: Queue) -> None:
    """Raise `psycopg.Error` unless the queue is there: a pool would wait for it, and say nothing for long."""
    url = queue.database.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, connect_timeout=10) as connection:
        await connection.execute("SELECT 1 FROM jobs.procrastinate_jobs LIMIT 1")


async def _work(apps: list[App]) -> None:
    """Work on every queue until we are asked to stop. Raises `QueueLost` when one of them ends by itself."""
    working = [
        asyncio.create_task(
            app.run_worker_async(
                concurrency=_AT_A_TIME,
                fetch_job_polling_interval=_POLL_SECONDS,
                install_signal_handlers=False,
                delete_jobs="successful",
            )
        )
        for app in apps
    ]

    stopped = asyncio.create_task(_asked_to_stop())
    await asyncio.wait([stopped, *working], return_when=asyncio.FIRST_COMPLETED)
    asked = stopped.done()
    for task in (stopped, *working):
        task.cancel()
    await asyncio.gather(stopped, *working, return_exceptions=True)
    if not asked:  # whoever watches starts us again, and all queues with us
        raise QueueLost


class QueueLost(Exception):
    """A queue could not be read any more."""


async def _asked_to_stop() -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()


def _app(queue: Queue, session: aiohttp.ClientSession, post: Post, settings: Settings) -> App:
    connector = PsycopgConnector(
        conninfo=queue.database.get_secret_value(),
        kwargs={"options": f"-c search_path={SCHEMA}"},
        min_size=1,
        max_size=4,
    )
    deliveries = Deliveries(_clients(queue.agent, session), post, settings.mail.sender)
    return app_of(connector, deliveries, attempts=settings.attempts, retention_at=settings.retention_at)


def _clients(agent: Agent, session: aiohttp.ClientSession) -> dict[str, AgentClient]:
    private = load_pem_private_key(agent.key.get_secret_value().encode(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("the worker's key is an Ed25519 key")
    key = PortalKey(agent.machine, private)
    base = str(agent.url).rstrip("/")
    machine = f"machine:{agent.machine}"
    return {
        own: AgentClient(
            session,
            base,
            agent.api_key.get_secret_value() if agent.api_key else "",
            own,
            key,
            machine,
            token=agent.tokens[own].get_secret_value() if own in agent.tokens else None,
        )
        for own in agent.organisations
    }
