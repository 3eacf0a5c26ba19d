"""What one writer may ask of the registry: how much, how long, and how much room."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import base58
import pytest

from registry.kinds import CHECKPOINT, CONTEXT, LOG, RESOURCE, STATUS_LIST, TAILS, Kind
from tests.support.registry_server import RegistryServer, a_registry, write_token

WRITER = "northmoor"
BEARER = {"Authorization": f"Bearer {write_token(WRITER)}"}
OPERATOR = {"Authorization": f"Bearer {write_token('operator')}"}
DIGEST = "zQmcuHkbFapeJsF5HqKShKnw3zPS5SPZPhwNR8uprTQdL6e"
NAMES = {
    "namespace": f"organisations/{WRITER}",
    "digest": DIGEST,
    "purpose": "revocation",
    "number": "1",
    "context": "staff",
    "version": "v1",
    "tails": DIGEST[1:],
}


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[RegistryServer]:
    limits = {"document_seconds": 0.2, "tails_seconds": 0.2, "tails_bytes_per_writer": 10_000}
    async with a_registry(tmp_path, WRITER, "calder-bay", limits=limits) as server:
        yield server


@pytest.fixture
async def client(registry: RegistryServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(registry.url) as session:
        yield session


async def problem(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status, (await answer.json())["code"]


def head(kind: Kind, *headers: str) -> bytes:
    """The beginning of a write, up to its body."""
    whose = OPERATOR if kind is CONTEXT else BEARER
    lines = [
        f"PUT {kind.url.format_map(NAMES)} HTTP/1.1",
        "Host: registry.example",
        f"Authorization: {whose['Authorization']}",
        *headers,
    ]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


async def opened(registry: RegistryServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = registry.url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


async def answered(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and code of the problem that comes back."""
    headers = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in headers.splitlines() if line.lower().startswith(b"content-length:")
    )
    return int(headers.split()[1]), json.loads(await reader.readexactly(length))["code"]


@pytest.mark.parametrize("kind", [LOG, RESOURCE, STATUS_LIST, CHECKPOINT, CONTEXT, TAILS])
async def test_what_says_that_it_is_too_large_is_refused_before_it_is_sent(
    registry: RegistryServer, kind: Kind
) -> None:
    reader, writer = await opened(registry)

    writer.write(head(kind, f"Content-Length: {kind.max_bytes * 2}"))

    assert await answered(reader) == (413, "too_large")
    writer.close()


@pytest.mark.parametrize("kind", [LOG, RESOURCE, STATUS_LIST, CHECKPOINT, CONTEXT])
async def test_what_does_not_say_how_large_it_is_is_read_no_further_than_it_may_be(
    registry: RegistryServer, kind: Kind
) -> None:
    reader, writer = await opened(registry)
    chunk = f"{64 * 1024:x}\r\n".encode() + b"x" * 64 * 1024 + b"\r\n"

    writer.write(head(kind, "Transfer-Encoding: chunked"))
    writer.write(chunk * (kind.max_bytes // (64 * 1024) + 1))

    assert await answered(reader) == (413, "too_large")
    writer.close()


@pytest.mark.parametrize("kind", [LOG, RESOURCE])
async def test_a_document_that_trickles_in_is_given_up(registry: RegistryServer, kind: Kind) -> None:
    reader, writer = await opened(registry)

    writer.write(head(kind, "Content-Length: 1000") + b"{")

    assert await answered(reader) == (408, "too_slow")
    writer.close()


async def test_a_tails_file_that_trickles_in_is_given_up_and_leaves_nothing(
    registry: RegistryServer,
) -> None:
    reader, writer = await opened(registry)
    multipart = 'Content-Type: multipart/form-data; boundary="b"'
    part = b'--b\r\nContent-Disposition: form-data; name="tails"; filename="t"\r\n\r\nthe beginn'

    writer.write(head(TAILS, "Content-Length: 5000", multipart) + part)

    assert await answered(reader) == (408, "too_slow")
    assert files_in(registry.data / "tails") == []
    writer.close()


async def test_who_has_no_token_is_refused_before_anything_is_read(registry: RegistryServer) -> None:
    reader, writer = await opened(registry)

    writer.write(head(LOG, "Content-Length: 1000").replace(b"write-token", b"wrong-token"))

    assert await answered(reader) == (401, "not_authenticated")
    writer.close()


def tails(content: bytes) -> tuple[str, aiohttp.FormData]:
    form = aiohttp.FormData()
    form.add_field("tails", io.BytesIO(content), content_type="application/octet-stream")
    return f"/hash/{base58.b58encode(hashlib.sha256(content).digest()).decode()}", form


def files_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_the_tails_files_of_one_writer_take_no_more_room_than_they_may(
    client: aiohttp.ClientSession, registry: RegistryServer
) -> None:
    answers = {}
    for content in (b"a" * 6_000, b"b" * 6_000, b"c" * 3_000):
        path, form = tails(content)
        answers[content[:1]] = await client.put(path, data=form, headers=BEARER)
    path, form = tails(b"b" * 6_000)
    neighbours = await client.put(
        path, data=form, headers={"Authorization": f"Bearer {write_token('calder-bay')}"}
    )

    assert answers[b"a"].status == 201
    assert await problem(answers[b"b"]) == (507, "no_room_left")
    assert answers[b"c"].status == 201
    assert neighbours.status == 201
    assert len(files_in(registry.data / "tails")) == 3


async def test_a_tails_file_that_comes_twice_takes_no_more_room(client: aiohttp.ClientSession) -> None:
    for expected in (201, 200, 200):
        path, form = tails(b"a" * 6_000)
        assert (await client.put(path, data=form, headers=BEARER)).status == expected

    path, form = tails(b"c" * 3_000)
    assert (await client.put(path, data=form, headers=BEARER)).status == 201


async def test_a_part_of_a_tails_file_is_served_to_who_asks_for_it(client: aiohttp.ClientSession) -> None:
    path, form = tails(b"the tails")
    await client.put(path, data=form, headers=BEARER)

    part = await client.get(path, headers={"Range": "bytes=4-8"})

    assert (part.status, await part.read()) == (206, b"tails")
    assert part.headers["X-Content-Type-Options"] == "nosniff"
