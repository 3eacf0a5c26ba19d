"""The registry over HTTP: who may write, what an answer carries, and the fetcher that reads it."""

import asyncio
import hashlib
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import base58
import pytest
from aiohttp import web

from agent.webvh.publisher import RegistryPublisher
from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable, Reason
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader, utc_now
from staff_passport.processes import Processes, Program, answers
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, registry_settings, write_token
from tests.support.signing import Publisher, a_publisher

LOG = "/organisations/northmoor/did.jsonl"
MAIN = "from staff_passport.launch import main; main()"
CONTEXT = {"@context": {"employer": "https://registry.staff-passport.example/vocab#employer"}}


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path, "northmoor", "calder-bay") as server:
        yield server


@pytest.fixture
async def client(registry: RegistryServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(registry.url) as session:
        yield session


@pytest.fixture
async def northmoor() -> Publisher:
    return await a_publisher("northmoor", created=utc_now())


def bearer(slug: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {write_token(slug)}"}


async def problem(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    body = await answer.json()
    assert body["status"] == answer.status
    return answer.status, body["code"]


async def test_what_is_published_is_read_back_byte_for_byte(
    client: aiohttp.ClientSession, northmoor: Publisher
) -> None:
    written = await client.put(LOG, data=northmoor.log.text, headers=bearer("northmoor"))
    read = await client.get(LOG)

    assert (written.status, await written.json()) == (201, {"outcome": "created"})
    assert await read.read() == northmoor.log.text
    assert read.content_type == "text/jsonl"
    assert read.headers["Cache-Control"] == "public, no-cache"
    assert read.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_reader_who_has_it_already_is_told_so(
    client: aiohttp.ClientSession, northmoor: Publisher
) -> None:
    await client.put(LOG, data=northmoor.log.text, headers=bearer("northmoor"))
    etag = (await client.get(LOG)).headers["ETag"]

    assert (await client.get(LOG, headers={"If-None-Match": etag})).status == 304


async def test_an_immutable_resource_may_be_kept_for_ever(
    client: aiohttp.ClientSession, registry: RegistryServer, northmoor: Publisher
) -> None:
    publisher = RegistryPublisher(registry.url, write_token("northmoor"))
    resource = await northmoor.resource(northmoor.schema())
    await publisher.log(northmoor.log)
    await publisher.resource(resource)
    await publisher.close()

    read = await client.get(f"/organisations/northmoor/resources/{resource['metadata']['resourceId']}")

    assert await read.json() == resource
    assert read.content_type == "application/json"
    assert "immutable" in read.headers["Cache-Control"]


async def test_a_status_list_is_served_as_a_credential_that_must_be_asked_for_anew(
    client: aiohttp.ClientSession, registry: RegistryServer, northmoor: Publisher
) -> None:
    publisher = RegistryPublisher(registry.url, write_token("northmoor"))
    await publisher.log(northmoor.log)
    status_list = await sign_status_list(
        Bitstring.of([7]),
        StatusListId.of(northmoor.log.did, StatusPurpose.REVOCATION, 1),
        issuer=northmoor.did,
        signer=northmoor.signer,
        now=utc_now(),
        life=LONGEST_LIFE,
    )
    await publisher.status_list(status_list)
    await publisher.close()

    read = await client.get("/organisations/northmoor/status/revocation/1")

    assert await read.json(content_type=None) == status_list
    assert read.content_type == "application/vc"
    assert read.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, "not_authenticated")),
        ({"Authorization": "Bearer a token that nobody has"}, (401, "not_authenticated")),
        ({"Authorization": "Bearer "}, (401, "not_authenticated")),
        ({"Authorization": "Basic !!!"}, (401, "not_authenticated")),
        (bearer("calder-bay"), (403, "not_permitted")),
    ],
)
async def test_a_write_without_this_namespaces_token_is_refused(
    client: aiohttp.ClientSession,
    northmoor: Publisher,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    answer = await client.put(LOG, data=northmoor.log.text, headers=headers)

    assert await problem(answer) == expected
    assert (await client.get(LOG)).status == 404


async def test_a_document_that_does_not_verify_is_refused_with_its_reason(
    client: aiohttp.ClientSession, northmoor: Publisher
) -> None:
    answer = await client.put(LOG, data=northmoor.log.text[:-9], headers=bearer("northmoor"))

    assert await problem(answer) == (422, "malformed")


async def test_a_document_too_large_is_refused(client: aiohttp.ClientSession) -> None:
    answer = await client.put(LOG, data=b"x" * 5_000_000, headers=bearer("northmoor"))

    assert await problem(answer) == (413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/northmoor/did.jsonl",
        "/organisations/northmoor/resources/zQmcuHkbFapeJsF5HqKShKnw3zPS5SPZPhwNR8uprTQdL6e",
        "/organisations/%2e%2e/did.jsonl",
        "/organisations/..%2f..%2fetc/did.jsonl",
        "/contexts/staff/v1",
        "/contexts/..%2fstaff/v1",
        "/hash/..%2f..%2fetc%2fpasswd",
        "/",
    ],
)
async def test_what_is_not_there_is_not_found(client: aiohttp.ClientSession, path: str) -> None:
    assert await problem(await client.get(path)) == (404, "not_found")


async def test_of_two_who_write_one_log_at_once_one_is_told_of_the_conflict(
    client: aiohttp.ClientSession,
) -> None:
    rivals = [await a_publisher("northmoor", created=utc_now()) for _ in range(2)]

    written = await asyncio.gather(
        *(client.put(LOG, data=rival.log.text, headers=bearer("northmoor")) for rival in rivals)
    )

    assert sorted(answer.status for answer in written) == [201, 409]
    winner = rivals[[answer.status for answer in written].index(201)]
    assert await (await client.get(LOG)).read() == winner.log.text


async def test_only_the_operator_publishes_contexts(client: aiohttp.ClientSession) -> None:
    body = json.dumps(CONTEXT)

    refused = await client.put("/contexts/staff/v1", data=body, headers=bearer("northmoor"))
    taken = await client.put("/contexts/staff/v1", data=body, headers=bearer("operator"))
    read = await client.get("/contexts/staff/v1")

    assert await problem(refused) == (403, "not_permitted")
    assert taken.status == 201
    assert await read.json(content_type="application/ld+json") == CONTEXT


def tails(content: bytes) -> tuple[str, aiohttp.FormData]:
    form = aiohttp.FormData()
    form.add_field("tails", io.BytesIO(content), content_type="application/octet-stream")
    return f"/hash/{base58.b58encode(hashlib.sha256(content).digest()).decode()}", form


async def test_a_tails_file_is_sent_as_acapy_sends_it(registry: RegistryServer) -> None:
    path, form = tails(b"the tails")
    with_password = registry.url.replace("http://", f"http://tails:{write_token('northmoor')}@")
    async with aiohttp.ClientSession() as session:
        written = await session.put(with_password + path, data=form)
        read = await session.get(registry.url + path)

        assert written.status == 201
        assert await read.read() == b"the tails"
        assert "immutable" in read.headers["Cache-Control"]


async def test_a_tails_file_under_another_name_is_refused_and_not_kept(
    client: aiohttp.ClientSession,
) -> None:
    path, _ = tails(b"the tails")
    _, form = tails(b"others")

    answer = await client.put(path, data=form, headers=bearer("northmoor"))

    assert await problem(answer) == (422, "wrong_digest")
    assert (await client.get(path)).status == 404


async def test_a_tails_file_needs_a_token(client: aiohttp.ClientSession) -> None:
    path, form = tails(b"the tails")

    assert await problem(await client.put(path, data=form)) == (401, "not_authenticated")


async def test_a_reader_finds_what_stands_behind_a_mapped_origin(
    registry: RegistryServer, northmoor: Publisher
) -> None:
    publisher = RegistryPublisher(registry.url, write_token("northmoor"))
    await publisher.log(northmoor.log)
    await publisher.close()
    fetch = GuardedFetcher({ORIGIN: registry.url})

    log = await WebvhReader(fetch).log(northmoor.did)
    await fetch.close()

    assert log.document_json["id"] == northmoor.did


async def _redirect(_request: web.Request) -> web.Response:
    raise web.HTTPFound("http://169.254.169.254/")


async def _broken(_request: web.Request) -> web.Response:
    raise web.HTTPServiceUnavailable


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1_000):
        await response.write(b"x" * 10_000)
    return response


async def _silent(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


@pytest.fixture
async def strange_host() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(
        [
            web.get("/redirect", _redirect),
            web.get("/broken", _broken),
            web.get("/endless", _endless),
            web.get("/silent", _silent),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def fetch(strange_host: str) -> AsyncIterator[GuardedFetcher]:
    fetcher = GuardedFetcher({ORIGIN: strange_host}, timeout=0.5, max_bytes=100_000)
    yield fetcher
    await fetcher.close()


@pytest.mark.parametrize("path", ["broken", "silent"])
async def test_a_host_that_cannot_answer_is_unavailable(fetch: GuardedFetcher, path: str) -> None:
    with pytest.raises(DocumentUnavailable):
        await fetch(f"{ORIGIN}/{path}")


async def test_a_host_that_knows_no_such_document_says_so(fetch: GuardedFetcher) -> None:
    with pytest.raises(DocumentNotFound):
        await fetch(f"{ORIGIN}/nothing")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"{ORIGIN}/redirect", Reason.FORBIDDEN_ADDRESS),
        (f"{ORIGIN}/endless", Reason.TOO_LARGE),
        ("https://127.0.0.1/x", Reason.FORBIDDEN_ADDRESS),
        ("https://[::1]/x", Reason.FORBIDDEN_ADDRESS),
        ("https://169.254.169.254/x", Reason.FORBIDDEN_ADDRESS),
        ("https://[64:ff9b::a9fe:a9fe]/x", Reason.FORBIDDEN_ADDRESS),
        ("https://[::ffff:10.0.0.1]/x", Reason.FORBIDDEN_ADDRESS),
        ("https://[2002:0a00:0001::1]/x", Reason.FORBIDDEN_ADDRESS),
        ("https://127.1/x", Reason.FORBIDDEN_ADDRESS),
        ("https://0x7f.1/x", Reason.FORBIDDEN_ADDRESS),
        ("https://169.254.43518/x", Reason.FORBIDDEN_ADDRESS),
        ("https://127.0.0.1./x", Reason.FORBIDDEN_ADDRESS),
        ("https://localhost/x", Reason.FORBIDDEN_ADDRESS),
        ("http://registry.staff-passport.example/x", Reason.FORBIDDEN_ADDRESS),
        ("https://someone:secret@trust.example/x", Reason.FORBIDDEN_ADDRESS),
        ("file:///etc/passwd", Reason.FORBIDDEN_ADDRESS),
        ("https://trust.example:99999/x", Reason.FORBIDDEN_ADDRESS),
        ("not a url", Reason.FORBIDDEN_ADDRESS),
    ],
)
async def test_an_address_that_nobody_should_ask_is_refused(
    fetch: GuardedFetcher, url: str, reason: Reason
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        await fetch(url)

    assert refused.value.reason is reason


async def test_a_name_that_leads_to_a_private_address_is_refused(
    fetch: GuardedFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loopback(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr("socket.getaddrinfo", loopback)

    with pytest.raises(DocumentRefused) as refused:
        await fetch("https://rebound.example/x")

    assert refused.value.reason is Reason.FORBIDDEN_ADDRESS


async def test_a_download_that_breaks_off_leaves_no_file(fetch: GuardedFetcher, tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused):
        await fetch.download(f"{ORIGIN}/endless", tmp_path / "tails", max_bytes=50_000)

    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_the_process_serves_until_it_is_told_to_stop(tmp_path: Path, unused_tcp_port: int) -> None:
    config = tmp_path / "registry.json"
    settings = registry_settings(tmp_path / "data", port=unused_tcp_port)
    await asyncio.to_thread(config.write_text, settings.model_dump_json())
    argv = (sys.executable, "-c", MAIN, "registry", "--config", str(config))
    live = f"http://127.0.0.1:{unused_tcp_port}/status/live"

    async with Processes() as processes:
        process = await processes.start(
            Program("registry", argv, tmp_path / "registry.log"), ready=answers(live)
        )
        await process.stop()

    assert not process.is_running
