"""What the registry shows of its trust list and its DIDs to people and browsers, and exports, too."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from registry.export import export
from signed_documents.did_configurations import CONTEXT, DomainLinkage, DomainLinkages, sign_linkage
from signed_documents.errors import DocumentNotFound
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader
from signed_documents.trust_lists import Suspension
from staff_passport.processes import Processes, Program, answers
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, registry_settings, write_token
from tests.support.signing import Clock, Publisher, a_publisher
from tests.support.trust import NORTHMOOR, OPERATOR, TrustListOperator, a_listing, an_entry

CONFIGURATION = "/.well-known/did-configuration.json"
YEAR = timedelta(days=365)
MAIN = "from staff_passport.launch import main; main()"
QUERY = {"entity_id": NORTHMOOR, "authority_id": OPERATOR, "action": "issue", "resource": "employment"}


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def registry(tmp_path: Path, clock: Clock) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path / "data", "northmoor", "calder-bay", clock=clock) as server:
        yield server


@pytest.fixture
async def client(registry: RegistryServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(registry.url) as session:
        yield session


@pytest.fixture
async def northmoor(client: aiohttp.ClientSession, clock: Clock) -> Publisher:
    return await published(client, "northmoor", clock)


async def published(client: aiohttp.ClientSession, slug: str, clock: Clock) -> Publisher:
    publisher = await a_publisher(slug, created=clock())
    log = await client.put(f"/organisations/{slug}/did.jsonl", data=publisher.log.text, headers=bearer(slug))
    assert log.status == 201
    return publisher


def bearer(slug: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {write_token(slug)}"}


async def linkage(
    publisher: Publisher, since: datetime, *, origin: str = ORIGIN, life: timedelta = YEAR
) -> str:
    return await sign_linkage(DomainLinkage(publisher.did, origin, since, since + life), publisher.signer)


async def put(
    client: aiohttp.ClientSession, token: str, *, at: str = "northmoor", by: str = "northmoor"
) -> tuple[int, str]:
    answer = await client.put(f"/organisations/{at}/domain-linkage", data=token, headers=bearer(by))
    body = await answer.json()
    return answer.status, body.get("outcome") or body["code"]


async def linked(client: aiohttp.ClientSession) -> list[str]:
    answer = await client.get(CONFIGURATION)
    body = await answer.json()
    assert (answer.status, body["@context"]) == (200, CONTEXT)
    tokens: list[str] = body["linked_dids"]
    return tokens


async def publish(client: aiohttp.ClientSession, operator: TrustListOperator, *entries: object) -> int:
    publication = await operator.publication(a_listing(*entries))  # type: ignore[arg-type]
    answer = await client.put("/trust-list", data=publication.encoded(), headers=bearer("operator"))
    return answer.status


async def test_people_read_who_is_registered_as_soon_as_the_list_is_published(
    client: aiohttp.ClientSession,
) -> None:
    operator = TrustListOperator()
    assert (await client.get("/organisations/")).status == 404

    await publish(client, operator)
    page = await client.get("/organisations")

    assert (page.status, page.url.path) == (200, "/organisations/")
    assert "Northmoor Teaching Hospitals" in await page.text()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["X-Content-Type-Options"] == "nosniff"

    suspension = Suspension(since=datetime.now(UTC) - timedelta(days=1))
    await publish(client, operator, an_entry(suspensions=(suspension,)))
    assert "Suspended since" in await (await client.get("/organisations/")).text()


async def test_a_page_that_was_not_made_any_more_is_made_when_the_registry_starts(
    client: aiohttp.ClientSession, registry: RegistryServer
) -> None:
    await publish(client, TrustListOperator())
    (registry.data / "site" / "organisations.html").unlink()

    async with a_registry(registry.data) as again, aiohttp.ClientSession(again.url) as session:
        assert "Northmoor Teaching Hospitals" in await (await session.get("/organisations/")).text()


async def test_a_registry_that_has_lost_its_list_starts_without_the_page(
    client: aiohttp.ClientSession, registry: RegistryServer
) -> None:
    await publish(client, TrustListOperator())
    (registry.data / "site" / "organisations.html").unlink()
    for file in (registry.data / "trust-list" / "targets").iterdir():
        file.unlink()

    async with a_registry(registry.data) as again, aiohttp.ClientSession(again.url) as session:
        assert (await session.get("/organisations/")).status == 404


async def test_the_site_that_is_exported_has_the_page_and_the_configuration(
    client: aiohttp.ClientSession,
    registry: RegistryServer,
    northmoor: Publisher,
    clock: Clock,
    tmp_path: Path,
) -> None:
    await publish(client, TrustListOperator())
    await put(client, await linkage(northmoor, clock()))
    site = tmp_path / "site"

    export(registry_settings(registry.data), site)

    for url, file in (("/organisations/", "organisations/index.html"), (CONFIGURATION, CONFIGURATION[1:])):
        served = await client.get(url)
        assert (site / file).read_bytes() == await served.read()
    rules = (site / "_headers").read_text()
    assert "Content-Security-Policy: default-src 'none'" in rules.partition("/organisations/\n")[2]

    await client.delete("/organisations/northmoor/domain-linkage", headers=bearer("northmoor"))
    export(registry_settings(registry.data), site)
    assert not (site / CONFIGURATION[1:]).exists()


async def test_a_did_that_asks_for_it_is_linked_with_the_registrys_origin(
    client: aiohttp.ClientSession, registry: RegistryServer, northmoor: Publisher, clock: Clock
) -> None:
    token = await linkage(northmoor, clock())

    assert await put(client, token) == (201, "created")
    assert await put(client, token) == (200, "unchanged")
    assert await linked(client) == [token]
    fetch = GuardedFetcher({ORIGIN: registry.url})
    found = await DomainLinkages(WebvhReader(fetch, clock=clock), fetch, clock).verified(
        northmoor.did, ORIGIN
    )
    await fetch.close()
    assert found == DomainLinkage(northmoor.did, ORIGIN, clock(), clock() + YEAR)


async def test_all_who_ask_stand_in_one_file_each_once(
    client: aiohttp.ClientSession, northmoor: Publisher, clock: Clock
) -> None:
    calder_bay = await published(client, "calder-bay", clock)
    first, others = await linkage(northmoor, clock()), await linkage(calder_bay, clock())
    await put(client, first)
    await put(client, others, at="calder-bay", by="calder-bay")
    clock.pass_time(timedelta(days=1))
    renewed = await linkage(northmoor, clock())

    assert await put(client, renewed) == (200, "extended")
    assert sorted(await linked(client)) == sorted([renewed, others])
    assert await put(client, first) == (409, "conflict")


async def test_what_has_expired_leaves_the_file_with_the_next_write(
    client: aiohttp.ClientSession, northmoor: Publisher, clock: Clock
) -> None:
    calder_bay = await published(client, "calder-bay", clock)
    await put(client, await linkage(northmoor, clock(), life=timedelta(days=1)))
    clock.pass_time(timedelta(days=2))
    token = await linkage(calder_bay, clock())

    await put(client, token, at="calder-bay", by="calder-bay")

    assert await linked(client) == [token]


async def test_a_did_that_no_longer_wants_it_is_linked_no_more(
    client: aiohttp.ClientSession, northmoor: Publisher, clock: Clock
) -> None:
    calder_bay = await published(client, "calder-bay", clock)
    token = await linkage(calder_bay, clock())
    await put(client, await linkage(northmoor, clock()))
    await put(client, token, at="calder-bay", by="calder-bay")

    async def withdrawn(slug: str) -> str:
        answer = await client.delete(f"/organisations/{slug}/domain-linkage", headers=bearer(slug))
        outcome: str = (await answer.json())["outcome"]
        return outcome

    assert await withdrawn("northmoor") == "removed"
    assert await withdrawn("northmoor") == "unchanged"
    assert await linked(client) == [token]
    assert await withdrawn("calder-bay") == "removed"
    assert (await client.get(CONFIGURATION)).status == 404


async def test_only_the_holder_of_a_did_links_it_and_with_this_origin_alone(
    client: aiohttp.ClientSession, northmoor: Publisher, clock: Clock
) -> None:
    calder_bay = await published(client, "calder-bay", clock)
    token = await linkage(northmoor, clock())
    stranger = await linkage(await a_publisher("northmoor", created=clock()), clock())

    assert await put(client, token, by="calder-bay") == (403, "not_permitted")
    assert await put(client, token, at="calder-bay", by="calder-bay") == (422, "other_identifier")
    assert await put(client, await linkage(calder_bay, clock())) == (422, "other_identifier")
    assert (await put(client, stranger))[0] == 422
    elsewhere = await linkage(northmoor, clock(), origin="https://www.northmoor.example")
    assert await put(client, elsewhere) == (422, "other_domain")
    signed_by_another = await sign_linkage(
        DomainLinkage(northmoor.did, ORIGIN, clock(), clock() + YEAR), calder_bay.signer
    )
    assert await put(client, signed_by_another) == (422, "key_not_asserted")
    assert await put(client, await linkage(northmoor, clock() - YEAR)) == (422, "expired")
    assert await put(client, await linkage(northmoor, clock() + timedelta(hours=1))) == (422, "expired")
    assert (await client.get(CONFIGURATION)).status == 404


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("", (422, "malformed")),
        ("é", (422, "malformed")),
        ("a.b.c", (422, "malformed")),
        (json.dumps({"linked_dids": []}), (422, "malformed")),
        ("x" * 10_000, (413, "too_large")),
    ],
)
async def test_what_is_no_linkage_is_refused(
    client: aiohttp.ClientSession, northmoor: Publisher, body: str, answer: tuple[int, str]
) -> None:
    assert await put(client, body) == answer
    assert (await client.put("/organisations/northmoor/domain-linkage", data=body)).status == 401
    assert (await client.delete("/organisations/northmoor/domain-linkage")).status == 401


async def test_a_did_without_a_log_here_is_not_linked(client: aiohttp.ClientSession, clock: Clock) -> None:
    nobody = await a_publisher("northmoor", created=clock())

    assert await put(client, await linkage(nobody, clock())) == (422, "other_signer")


async def test_an_origin_without_the_file_is_linked_with_nobody(
    registry: RegistryServer, northmoor: Publisher, clock: Clock
) -> None:
    fetch = GuardedFetcher({ORIGIN: registry.url})

    with pytest.raises(DocumentNotFound):
        await DomainLinkages(WebvhReader(fetch, clock=clock), fetch, clock).verified(northmoor.did, ORIGIN)
    await fetch.close()


async def test_a_registry_process_answers_people_and_programs(tmp_path: Path, unused_tcp_port: int) -> None:
    config = tmp_path / "registry.json"
    settings = registry_settings(tmp_path / "data", port=unused_tcp_port)
    await asyncio.to_thread(config.write_text, settings.model_dump_json())
    argv = (sys.executable, "-c", MAIN, "registry", "--config", str(config))
    url = f"http://127.0.0.1:{unused_tcp_port}"
    program = Program("registry", argv, tmp_path / "registry.log")

    async with Processes() as processes, aiohttp.ClientSession(url) as session:
        await processes.start(program, ready=answers(f"{url}/status/live"))
        assert await publish(session, TrustListOperator()) == 201
        answer = await session.post("/authorization", json=QUERY)

        assert (await answer.json())["authorized"] is True
        assert (await session.get("/organisations/")).status == 200
