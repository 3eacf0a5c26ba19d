"""Reads of the registry: static, the same for whoever asks, and told how long they hold."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from registry.kinds import TWIN
from registry.store import Store
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import utc_now
from tests.support.registry_server import RegistryServer, a_registry, write_token
from tests.support.signing import Publisher, a_publisher

LOG = "/organisations/northmoor/did.jsonl"
BEARER = {"Authorization": f"Bearer {write_token('northmoor')}"}
ASKED_ANEW = "public, no-cache"
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path, "northmoor") as server:
        yield server


@pytest.fixture
async def client(registry: RegistryServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(registry.url) as session:
        yield session


@pytest.fixture
async def northmoor(client: aiohttp.ClientSession) -> Publisher:
    publisher = await a_publisher("northmoor", created=utc_now() - timedelta(hours=1))
    assert (await client.put(LOG, data=publisher.log.text, headers=BEARER)).status == 201
    return publisher


@pytest.fixture
async def schema(client: aiohttp.ClientSession, northmoor: Publisher) -> str:
    """The path of a schema that was published."""
    resource = await northmoor.resource(northmoor.schema())
    path = URL(ResourceId.parse(resource["id"]).url).path
    assert (await client.put(path, data=json.dumps(resource), headers=BEARER)).status == 201
    return path


async def test_each_answer_says_what_it_is_and_how_long_it_holds(
    client: aiohttp.ClientSession, northmoor: Publisher, schema: str
) -> None:
    def said(answer: aiohttp.ClientResponse) -> tuple[int, str, str]:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not answer.headers["ETag"].startswith("W/")
        return answer.status, answer.headers["Content-Type"], answer.headers["Cache-Control"]

    twin = "/organisations/northmoor/did.json"
    assert northmoor.did
    assert said(await client.get(LOG)) == (200, "text/jsonl", ASKED_ANEW)
    assert said(await client.get(twin)) == (200, "application/did+json", ASKED_ANEW)
    assert said(await client.get(schema)) == (200, "application/json", FOREVER)


@pytest.mark.parametrize("known", ["{}", "W/{}", "*", '"another", {}', '"another", W/{}'])
async def test_a_reader_who_has_it_is_not_sent_it_again(
    client: aiohttp.ClientSession, schema: str, known: str
) -> None:
    etag = (await client.get(schema)).headers["ETag"]

    answer = await client.get(schema, headers={"If-None-Match": known.format(etag)})

    assert (answer.status, await answer.read()) == (304, b"")
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (etag, FOREVER)


@pytest.mark.parametrize("known", ['"another"', "not a tag", ""])
async def test_a_reader_who_has_something_else_is_sent_it(
    client: aiohttp.ClientSession, schema: str, known: str
) -> None:
    assert (await client.get(schema, headers={"If-None-Match": known})).status == 200


async def test_what_has_changed_is_sent_to_who_has_what_it_was(
    client: aiohttp.ClientSession, northmoor: Publisher
) -> None:
    etag = (await client.get(LOG)).headers["ETag"]
    longer = (await northmoor.rotated(created=utc_now())).log.text
    await client.put(LOG, data=longer, headers=BEARER)

    answer = await client.get(LOG, headers={"If-None-Match": etag})

    assert (answer.status, await answer.read()) == (200, longer)
    assert answer.headers["ETag"] != etag


async def test_head_says_what_get_would(client: aiohttp.ClientSession, schema: str) -> None:
    whole, head = await client.get(schema), await client.head(schema)

    assert (head.status, await head.read()) == (200, b"")
    assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_that_there_is_nothing_may_be_kept_for_a_moment(
    client: aiohttp.ClientSession, method: str
) -> None:
    for path in (LOG, "/nothing/of/ours.txt"):
        answer = await client.request(method, path)

        assert (answer.status, answer.headers["Cache-Control"]) == (404, "public, max-age=5")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_what_another_process_writes_is_read_at_once(
    client: aiohttp.ClientSession, registry: RegistryServer, northmoor: Publisher
) -> None:
    longer = (await northmoor.rotated(created=utc_now())).log.text
    async with (
        a_registry(registry.data, "northmoor") as other,
        aiohttp.ClientSession(other.url) as neighbour,
    ):
        assert await (await neighbour.get(LOG)).read() == northmoor.log.text

        await client.put(LOG, data=longer, headers=BEARER)

        assert await (await neighbour.get(LOG)).read() == longer


async def test_the_twin_of_a_did_that_was_deactivated_is_gone(
    client: aiohttp.ClientSession, northmoor: Publisher
) -> None:
    ended = await northmoor.log_with_one_more_entry(deactivated=True)
    await client.put(LOG, data=ended, headers=BEARER)

    assert (await client.get("/organisations/northmoor/did.json")).status == 404
    assert (await client.get(LOG)).status == 200


async def test_a_registry_that_starts_brings_its_folder_in_order(
    tmp_path: Path, northmoor: Publisher, registry: RegistryServer
) -> None:
    assert northmoor.did
    Store(registry.data).remove(TWIN, namespace="organisations/northmoor")
    abandoned = registry.data / "documents" / "organisations" / "northmoor" / ".partial-abandoned"
    abandoned.write_bytes(b"half of a docu")

    async with a_registry(registry.data) as other, aiohttp.ClientSession(other.url) as client:
        assert (await client.get("/organisations/northmoor/did.json")).status == 200

    assert not abandoned.exists()
