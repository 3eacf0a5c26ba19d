"""The worker, with a mail server that may say no, and with no more of the database than its queue."""

import asyncio
import json
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import psycopg
import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg import sql

from staff_passport.demo.network import (
    CALDER_BAY,
    CONSOLE,
    NORTHMOOR,
    Network,
    _program,
    _worker_settings,
    write_whole,
)
from staff_passport.demo.waiting import until
from tests.support.journey import as_owner, audit_entries, hr
from tests.support.ports import free_port

type Json = dict[str, Any]


class Mailboxes:
    """A mail server that first refuses so many messages for the moment."""

    def __init__(self, refuses: int) -> None:
        self.refuses = refuses
        self.refused = 0
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refused < self.refuses:
            self.refused += 1
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(message_from_bytes(content, policy=default))
        return "250 OK"


@pytest.fixture
async def mailboxes(network: Network) -> AsyncIterator[Mailboxes]:
    """The network's worker sends by a mail server, for as long as a test."""
    boxes, port = Mailboxes(refuses=1), free_port()
    server = Controller(boxes, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(server.start)
    assert network.worker is not None
    await network.worker.stop()
    mail = {
        "sender": "staff-passport@operator.example",
        "smtp": {"host": "127.0.0.1", "port": port, "tls": False},
    }
    settings = _worker_settings(network) | {"mail": mail}
    by_smtp = await network.processes.start(_program("worker", network.folder / "worker-smtp", settings))
    try:
        yield boxes
    finally:
        await by_smtp.stop()
        await asyncio.to_thread(server.stop)
        await network.start_worker()


async def test_what_a_mail_server_refuses_for_the_moment_is_sent_again(
    network: Network, mailboxes: Mailboxes
) -> None:
    user = "postponed@calder-bay.example"
    body = {"name": "Postponed Person", "email": user, "roles": ["verifier"]}
    await network.client(CALDER_BAY).post("/people", body)

    async def taken() -> list[EmailMessage]:
        return mailboxes.taken

    (message,) = await until(taken, lambda found: len(found) == 1)

    assert mailboxes.refused == 1
    assert message["To"] == user
    assert message["From"] == "staff-passport@operator.example"
    assert message["Subject"] == "Staff Passport: you are invited"
    assert "Postponed" not in message.as_string()
    text = str(message.get_content())
    token = text.split(f"/invitations/{CALDER_BAY.ods_code}/")[1].split(maxsplit=1)[0]
    joined = await network.client(CALDER_BAY, "postponed").post("/invitation-acceptances", {"token": token})
    assert joined["status"] == "active"


def test_the_workers_role_sees_its_queue_and_nothing_else(network: Network) -> None:
    url = network.postgres.provide(NORTHMOOR.slug).worker_url
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM jobs.procrastinate_jobs").fetchone() is not None
        for table in ("organisation.people", "issuer.passports", "audit.entries", "alembic_version"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(*table.split("."))))


def test_a_job_has_nothing_in_it_but_identifiers(network: Network) -> None:
    with psycopg.connect(network.postgres.provide(CALDER_BAY.slug).migration_url) as connection:
        jobs = connection.execute("SELECT task_name, args::text FROM jobs.procrastinate_jobs").fetchall()

    for task, arguments in jobs:
        told = json.loads(arguments)
        if task == "deliver_notification":
            assert set(told) == {"organisation", "notification"}
            assert told["organisation"] == CALDER_BAY.ods_code


async def test_a_notification_that_lost_its_job_is_given_to_the_worker_again(network: Network) -> None:
    """As when the queue was restored to an earlier day: rounds find what was not sent."""
    user = "forgotten@calder-bay.example"
    assert network.worker is not None
    await network.worker.stop()
    body = {"name": "Forgotten", "email": user, "roles": ["verifier"]}
    await network.client(CALDER_BAY).post("/people", body)
    assert as_owner(network, CALDER_BAY, "DELETE FROM jobs.procrastinate_events") > 0
    assert as_owner(network, CALDER_BAY, "DELETE FROM jobs.procrastinate_jobs WHERE status = 'todo'") > 0
    earlier = (
        "UPDATE organisation.notifications SET asked_at = asked_at - interval '1 hour' WHERE sent_at IS NULL"
    )
    assert as_owner(network, CALDER_BAY, earlier) >= 1

    agent = network.agents[CALDER_BAY.slug]
    assert agent.process is not None
    await agent.process.stop()
    await network.start_agent(CALDER_BAY)
    await network.start_worker()

    assert await network.outbox.link(user, "invitations")


async def test_what_is_over_its_time_goes_when_the_worker_says_so(network: Network) -> None:
    older = (
        "UPDATE organisation.notifications SET asked_at = asked_at - interval '60 days'"
        " WHERE sent_at IS NOT NULL"
    )
    assert as_owner(network, CALDER_BAY, older) >= 1
    job = (
        "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, priority, args)"
        " VALUES ('default', 'erase_what_is_due', 0, '{\"timestamp\": 0}')"
    )
    assert as_owner(network, CALDER_BAY, job) == 1

    async def due() -> int:
        told = (await network.client(CALDER_BAY).get("/retention"))["categories"]
        return int(next(one["due"] for one in told if one["category"] == "messages and links"))

    assert await until(due, lambda left: left == 0) == 0
    entries = await audit_entries(network, CALDER_BAY)
    assert ("machine:worker", "erase what is due") in {(entry.actor, entry.action) for entry in entries}


async def test_a_worker_that_loses_one_queue_ends_so_that_all_are_begun_again(network: Network) -> None:
    """As when the database restarts: whoever watches the process starts it again."""
    assert network.worker is not None
    await network.worker.stop()
    file = network.folder / "worker-lost.yml"
    write_whole(file, yaml.safe_dump(_worker_settings(network)))
    as_owner(network, CALDER_BAY, "DELETE FROM jobs.procrastinate_workers")
    losing = await asyncio.create_subprocess_exec(
        *CONSOLE, "worker", "--config", str(file), stderr=asyncio.subprocess.PIPE
    )

    async def works() -> int:
        return as_owner(network, CALDER_BAY, "SELECT FROM jobs.procrastinate_workers")

    await until(works, bool)
    as_owner(network, CALDER_BAY, "ALTER TABLE jobs.procrastinate_jobs RENAME TO procrastinate_lost")
    try:
        _, stderr = await asyncio.wait_for(losing.communicate(), 60)
    finally:
        as_owner(network, CALDER_BAY, "ALTER TABLE jobs.procrastinate_lost RENAME TO procrastinate_jobs")
        await network.start_worker()

    assert losing.returncode == 1
    assert "staff-passport worker: a queue cannot be read: QueueLost" in stderr.decode()


async def test_a_worker_without_its_database_says_so_in_one_line(network: Network) -> None:
    settings = _worker_settings(network)
    settings["queues"][0]["database"] = "postgresql://nobody:secret@127.0.0.1:1/nowhere"
    file = network.folder / "worker-nowhere.yml"
    write_whole(file, yaml.safe_dump(settings))

    ended = await asyncio.create_subprocess_exec(
        *CONSOLE, "worker", "--config", str(file), stderr=asyncio.subprocess.PIPE
    )
    _, stderr = await asyncio.wait_for(ended.communicate(), 60)

    assert ended.returncode == 1
    (line,) = stderr.decode().splitlines()
    assert line.startswith("staff-passport worker: a queue cannot be read")
    assert "secret" not in line
    assert (await hr(network).get("/me"))["person"]
