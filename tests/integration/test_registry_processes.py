"""Several registry processes on one folder, and one that is killed: nothing is lost, and nothing is half."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aiohttp
import base58
import pytest

from signed_documents.identifiers import ResourceId
from signed_documents.resolution import utc_now
from signed_documents.webvh_logs import verify_log
from staff_passport.processes import Process, Processes, Program
from tests.support.ports import free_port
from tests.support.registry_server import registry_settings, write_token
from tests.support.signing import Publisher, a_publisher

LOG = "/organisations/northmoor/did.jsonl"
RESOURCES = "/organisations/northmoor/resources"
BEARER = {"Authorization": f"Bearer {write_token('northmoor')}"}
MAIN = "from staff_passport.launch import main; main()"
ROUNDS = 20
MOMENTS = (0, 0.001, 0.002, 0.004, 0.008)
"""Seconds after which a write is cut short: before it arrives, while it is verified, while it is stored."""


class Registry:
    """A process, on a folder that it may share."""

    def __init__(self, processes: Processes, folder: Path, name: str) -> None:
        self._processes = processes
        self.data = folder / "data"
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._config = folder / f"{name}.json"
        settings = registry_settings(self.data, "northmoor", port=self._port)
        self._config.write_text(settings.model_dump_json())
        self._program = Program(
            name,
            (sys.executable, "-c", MAIN, "registry", "--config", str(self._config)),
            folder / f"{name}.log",
        )
        self.process: Process

    async def start(self) -> "Registry":
        self.process = await self._processes.start(self._program, ready=f"{self.url}/status/live")
        return self


@pytest.fixture
async def processes() -> AsyncIterator[Processes]:
    async with Processes() as processes:
        yield processes


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers=BEARER) as session:
        yield session


@pytest.fixture
async def northmoor() -> Publisher:
    return await a_publisher("northmoor", created=utc_now() - timedelta(days=1))


async def next_version(publisher: Publisher) -> Publisher:
    return await publisher.rotated(created=publisher.log.updated + timedelta(minutes=1))


async def test_of_two_next_entries_at_two_processes_one_is_taken_and_none_is_lost(
    processes: Processes, client: aiohttp.ClientSession, northmoor: Publisher, tmp_path: Path
) -> None:
    both = [await Registry(processes, tmp_path, name).start() for name in ("one", "two")]
    await client.put(both[0].url + LOG, data=northmoor.log.text)
    newest = northmoor

    for _ in range(ROUNDS):
        rivals = [await next_version(newest) for _ in both]
        answers = await asyncio.gather(
            *(client.put(at.url + LOG, data=rival.log.text) for at, rival in zip(both, rivals, strict=True))
        )
        statuses = [answer.status for answer in answers]
        assert sorted(statuses) == [200, 409]
        newest = rivals[statuses.index(200)]
        read = [await (await client.get(at.url + LOG)).read() for at in both]
        assert read == [newest.log.text] * 2


async def test_what_many_publish_at_two_processes_is_all_there(
    processes: Processes, client: aiohttp.ClientSession, northmoor: Publisher, tmp_path: Path
) -> None:
    both = [await Registry(processes, tmp_path, name).start() for name in ("one", "two")]
    await client.put(both[0].url + LOG, data=northmoor.log.text)
    resources = [await northmoor.resource(northmoor.schema(version=f"1.{n}")) for n in range(ROUNDS)]
    paths = [f"{RESOURCES}/{ResourceId.parse(each['id']).digest}" for each in resources]

    answers = await asyncio.gather(
        *(
            client.put(at.url + path, data=json.dumps(each))
            for path, each in zip(paths, resources, strict=True)
            for at in both
        )
    )

    assert sorted(answer.status for answer in answers) == [200] * ROUNDS + [201] * ROUNDS
    for path, each in zip(paths, resources, strict=True):
        assert [await (await client.get(at.url + path)).json() for at in both] == [each, each]


async def test_a_process_that_is_killed_while_it_writes_leaves_the_old_log_or_the_new_one(
    processes: Processes, client: aiohttp.ClientSession, northmoor: Publisher, tmp_path: Path
) -> None:
    registry = await Registry(processes, tmp_path, "one").start()
    await client.put(registry.url + LOG, data=northmoor.log.text)
    newest = northmoor

    for moment in MOMENTS:
        following = await next_version(newest)
        write = asyncio.create_task(client.put(registry.url + LOG, data=following.log.text))
        done, _ = await asyncio.wait({write}, timeout=moment)
        registry.process.kill()
        with suppress(aiohttp.ClientError):
            await write
        await registry.start()

        stored = await (await client.get(registry.url + LOG)).read()
        twin = await (await client.get(f"{registry.url}/organisations/northmoor/did.json")).json()
        assert stored in ({following.log.text} if done else {newest.log.text, following.log.text})
        assert twin["alsoKnownAs"] == [verify_log(stored, newest.log.did, now=utc_now()).document.id]
        assert list(registry.data.rglob(".partial-*")) == []
        assert (await client.put(registry.url + LOG, data=following.log.text)).status == 200
        newest = following


async def test_a_process_that_is_killed_while_tails_come_in_leaves_nothing_of_them(
    processes: Processes, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    registry = await Registry(processes, tmp_path, "one").start()
    content = b"the tails" * 100_000
    path = f"/hash/{base58.b58encode(hashlib.sha256(content).digest()).decode()}"
    stored_some = asyncio.Event()

    async def cut_short() -> AsyncIterator[bytes]:
        yield content[:600_000]
        await stored_some.wait()
        yield content[600_000:]

    async def begun() -> bool:
        return any(file.stat().st_size for file in registry.data.rglob(".partial-*"))

    form = aiohttp.FormData()
    form.add_field("tails", cut_short(), filename="tails", content_type="application/octet-stream")
    write = asyncio.create_task(client.put(registry.url + path, data=form))
    await registry.process.wait_until_ready(begun)
    registry.process.kill()
    stored_some.set()
    with pytest.raises(aiohttp.ClientError):
        await write
    await registry.start()

    assert list(registry.data.rglob(".partial-*")) == []
    assert (await client.get(registry.url + path)).status == 404
