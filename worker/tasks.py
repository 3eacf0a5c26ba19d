"""What the worker does, each thing as a job that may come twice: the agent knows what was done."""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientError
from procrastinate import App, PsycopgConnector, RetryStrategy

from agent_client import AgentClient, CallFailed
from worker.post import Post, message

LOGGER = logging.getLogger(__name__)
DELIVER = "deliver_notification"
"""By this name agents ask for it."""
RETAIN = "erase_what_is_due"
IMPORT = "import_staff_files"
_NOTHING_TO_DO = frozenset({"import_under_way", "not_permitted"})
"""What an organisation answers that imports already, or has no files that we may import."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """One agent's."""

    clients: dict[str, AgentClient]  # by ODS code
    post: Post
    sender: str

    async def deliver(self, organisation: str, notification: str) -> None:
        """Have the message written, send it, and say that it was sent.

        One that was sent, or that nobody need be told any more, is nothing to do. Cut short between the
        last two steps it is sent twice, and the newer link is the one that works.
        """
        try:
            await self._deliver(self.clients[organisation], f"/notifications/{notification}")
        except Exception as error:
            # Never its message: a mail server's may quote what was sent.
            LOGGER.warning("Notification %s waits: %s", notification, _name(error))
            raise

    async def _deliver(self, client: AgentClient, path: str) -> None:
        try:
            told = await client.post(f"{path}/message")
        except CallFailed as failed:
            if failed.status == HTTPStatus.NOT_FOUND:
                return
            raise
        await self.post.send(message(self.sender, told["to"], told["subject"], told["text"]))
        await client.post(f"{path}/delivery")

    async def erase_what_is_due(self) -> None:
        """Have every organisation erase what is over its time; one that cannot keeps no other from it."""
        failed = 0
        for organisation, client in self.clients.items():
            try:
                await client.post("/retention/runs")
            except (CallFailed, ClientError, TimeoutError) as error:
                failed += 1
                LOGGER.warning("Retention of %s waits: %s", organisation, _name(error))
        if failed:
            raise RetentionWaits

    async def import_staff_files(self) -> None:
        """Have every organisation import what has come in; the fault of one keeps no other from it.

        It comes again within a minute, so nothing is tried again here.
        """
        for organisation, client in self.clients.items():
            try:
                await client.post("/esr/imports")
            except CallFailed as failed:
                if failed.status != HTTPStatus.NOT_FOUND and failed.code not in _NOTHING_TO_DO:
                    LOGGER.warning("Staff files of %s wait: %s", organisation, _name(failed))
            except (ClientError, TimeoutError) as error:
                LOGGER.warning("Staff files of %s wait: %s", organisation, _name(error))


class RetentionWaits(Exception):
    """An organisation could not erase what is over its time; it is tried again."""


def app_of(connector: PsycopgConnector, deliveries: Deliveries, *, attempts: int, retention_at: str) -> App:
    """The tasks of one queue. A failed one comes again after 2, 4, 8 … seconds, at most an hour."""
    app = App(connector=connector)
    retry = RetryStrategy(max_attempts=attempts, exponential_wait=2)

    @app.task(name=DELIVER, retry=retry)
    async def deliver(organisation: str, notification: str) -> None:
        await deliveries.deliver(organisation, notification)

    @app.periodic(cron=f"{retention_at} * * *")
    @app.task(name=RETAIN, retry=retry, queueing_lock=RETAIN)
    async def erase(timestamp: int) -> None:  # noqa: ARG001  # when it was due
        await deliveries.erase_what_is_due()

    @app.periodic(cron="* * * * *")
    @app.task(name=IMPORT, queueing_lock=IMPORT, lock=IMPORT)
    async def import_files(timestamp: int) -> None:  # noqa: ARG001  # when it was due
        await deliveries.import_staff_files()

    return app


def _name(error: Exception) -> str:
    return f"{type(error).__name__} {error.code}" if isinstance(error, CallFailed) else type(error).__name__
