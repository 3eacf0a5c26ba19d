"""The static site that an export writes: a plain server with its headers serves what the registry does."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import base58
import pytest
from aiohttp import web
from typer.testing import CliRunner
from yarl import URL

from agent.webvh.publisher import RegistryPublisher
from registry.export import Exported, NotExported, export, file_of
from registry.kinds import LOG, RESOURCE, TWIN
from registry.settings import Settings
from registry.store import Store
from signed_documents.attested_resources import ResourceType, StatusListLink
from signed_documents.bitstring_status_lists import (
    LONGEST_LIFE,
    Bitstring,
    StatusListId,
    StatusPurpose,
    sign_status_list,
)
from signed_documents.fetching import GuardedFetcher
from signed_documents.identifiers import ResourceId
from signed_documents.resolution import WebvhReader, utc_now
from staff_passport.cli import app
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, registry_settings, write_token
from tests.support.signing import Publisher, a_publisher

NORTHMOOR = {"namespace": "organisations/northmoor"}
BEARER = {"Authorization": f"Bearer {write_token('northmoor')}"}
TAILS = b"the tails"
TAILS_NAME = base58.b58encode(hashlib.sha256(TAILS).digest()).decode()


@dataclass
class Published:
    """What northmoor has on a registry."""

    publisher: Publisher
    schema: dict[str, Any]
    definition: dict[str, Any]
    revocations: dict[str, Any]
    bits: StatusListId


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path / "data", "northmoor") as server:
        yield server


@pytest.fixture
def settings(registry: RegistryServer) -> Settings:
    return registry_settings(registry.data, "northmoor")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
async def published(registry: RegistryServer) -> Published:
    northmoor = await a_publisher("northmoor", created=utc_now() - timedelta(hours=1))
    publisher = RegistryPublisher(registry.url, write_token("northmoor"))
    await publisher.log(northmoor.log)
    schema = await northmoor.resource(northmoor.schema())
    content = {"issuerId": northmoor.did, "schemaId": schema["id"], "type": "CL", "tag": "a", "value": {}}
    definition = await northmoor.resource(content, ResourceType.CREDENTIAL_DEFINITION)
    unlinked = await northmoor.resource(northmoor.registry(), ResourceType.REVOCATION_REGISTRY)
    at = int(utc_now().timestamp()) - 60
    statuses = await northmoor.resource(
        northmoor.status_list(unlinked["id"], at, 2), ResourceType.STATUS_LIST
    )
    link = StatusListLink(ResourceId.parse(statuses["id"]), at)
    revocations = await northmoor.resource(
        northmoor.registry(), ResourceType.REVOCATION_REGISTRY, links=(link,)
    )
    for resource in (schema, definition, statuses, revocations):
        await publisher.resource(resource)
    bits = StatusListId.of(northmoor.log.did, StatusPurpose.REVOCATION, 1)
    await publisher.status_list(
        await sign_status_list(
            Bitstring.of([7]),
            bits,
            issuer=northmoor.did,
            signer=northmoor.signer,
            now=utc_now(),
            life=LONGEST_LIFE,
        )
    )
    await publisher.close()
    form = aiohttp.FormData()
    form.add_field("tails", io.BytesIO(TAILS), content_type="application/octet-stream")
    async with aiohttp.ClientSession(registry.url) as client:
        assert (await client.put(f"/hash/{TAILS_NAME}", data=form, headers=BEARER)).status == 201
    return Published(northmoor, schema, definition, revocations, bits)


def rules(site: Path) -> dict[str, dict[str, str]]:
    """What `_headers` says, read as static hosts read it."""
    found: dict[str, dict[str, str]] = {}
    path = ""
    for line in (site / "_headers").read_text().splitlines():
        if line.startswith("/"):
            path = line
            found[path] = {}
        else:
            name, _, value = line.strip().partition(": ")
            found[path][name] = value
    return found


@asynccontextmanager
async def a_plain_server(site: Path) -> AsyncIterator[str]:
    """Serves the files of `site` under their paths, with the headers of its `_headers` and no others."""
    headers = rules(site)

    async def serve(request: web.Request) -> web.Response:
        file = site / file_of(request.path)
        if not file.is_file():
            raise web.HTTPNotFound
        return web.Response(body=file.read_bytes(), headers=headers[request.path])

    static = web.Application()
    static.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(static, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_reader_resolves_everything_from_the_site(
    settings: Settings, site: Path, published: Published
) -> None:
    await asyncio.to_thread(export, settings, site)

    async with a_plain_server(site) as url:
        fetch = GuardedFetcher({ORIGIN: url})
        reader = WebvhReader(fetch)
        did = published.publisher.did
        log = await reader.log(did)
        schema = await reader.resource(published.schema["id"], ResourceType.SCHEMA)
        definition = await reader.resource(published.definition["id"], ResourceType.CREDENTIAL_DEFINITION)
        statuses = await reader.status_list(published.revocations["id"])
        bits = await reader.bitstring_status_list(published.bits, did)
        await fetch.close()

    assert log.document.id == did
    assert (schema.content, definition.content) == (
        published.schema["content"],
        published.definition["content"],
    )
    assert (statuses.revoked[2], statuses.revoked[3]) == (True, False)
    assert bits.bits[7]


async def test_the_site_is_what_the_registry_serves(
    settings: Settings, site: Path, published: Published, registry: RegistryServer
) -> None:
    assert published.publisher
    await asyncio.to_thread(export, settings, site)

    headers = rules(site)
    manifest = json.loads((site / "registry-export.json").read_bytes())
    async with aiohttp.ClientSession(registry.url) as client:
        for path, said in headers.items():
            answer = await client.get(path)
            assert await answer.read() == (site / file_of(path)).read_bytes()
            assert {name: answer.headers[name] for name in said} == said
    assert set(headers) == {document.url for document in Store(registry.data).published()}
    assert {path: each["headers"] for path, each in manifest["documents"].items()} == headers
    assert len(headers) == 8


async def test_another_export_writes_what_has_changed(
    settings: Settings, site: Path, published: Published, registry: RegistryServer
) -> None:
    first = await asyncio.to_thread(export, settings, site)
    again = await asyncio.to_thread(export, settings, site)
    longer = await published.publisher.rotated(created=utc_now())
    publisher = RegistryPublisher(registry.url, write_token("northmoor"))
    await publisher.log(longer.log)
    await publisher.close()

    changed = await asyncio.to_thread(export, settings, site)

    assert (first, again) == (Exported(8, 0, 0, ()), Exported(0, 8, 0, ()))
    assert changed == Exported(1, 7, 0, ())
    assert (site / "organisations/northmoor/did.jsonl").read_bytes() == longer.log.text


async def test_only_what_may_end_is_removed(
    settings: Settings, site: Path, published: Published, registry: RegistryServer
) -> None:
    assert published.publisher
    await asyncio.to_thread(export, settings, site)
    (site / "robots.txt").write_text("somebody else's")
    store = Store(registry.data)
    store.remove(TWIN, **NORTHMOOR)
    store.remove(LOG, **NORTHMOOR)

    done = await asyncio.to_thread(export, settings, site)

    assert done == Exported(0, 6, 1, ("/organisations/northmoor/did.jsonl",))
    assert not (site / "organisations/northmoor/did.json").exists()
    assert (site / "organisations/northmoor/did.jsonl").read_bytes() == published.publisher.log.text
    assert (site / "robots.txt").exists()
    assert "/organisations/northmoor/did.jsonl" in rules(site)
    assert await asyncio.to_thread(export, settings, site) == Exported(0, 6, 0, done.lost)


async def test_an_export_while_the_registry_is_written_holds_together(
    settings: Settings, site: Path, published: Published, registry: RegistryServer
) -> None:
    """Whatever a registry on the site links to is on the site."""
    northmoor, links, ended = published.publisher, list(published.revocations["links"]), asyncio.Event()

    async def revoke_on_and_on() -> None:
        publisher = RegistryPublisher(registry.url, write_token("northmoor"))
        while not ended.is_set():
            at = links[-1]["timestamp"] + 1
            content = northmoor.status_list(published.revocations["id"], at, 2)
            statuses = await northmoor.resource(content, ResourceType.STATUS_LIST)
            await publisher.resource(statuses)
            links.append({"id": statuses["id"], "timestamp": at})
            linked = tuple(StatusListLink(ResourceId.parse(each["id"]), each["timestamp"]) for each in links)
            await publisher.resource(
                await northmoor.resource(northmoor.registry(), ResourceType.REVOCATION_REGISTRY, links=linked)
            )
        await publisher.close()

    writing = asyncio.create_task(revoke_on_and_on())
    for _ in range(5):
        await asyncio.to_thread(export, settings, site)
        exported = json.loads((site / file_of(path_of(published.revocations["id"]))).read_bytes())
        assert all((site / file_of(path_of(link["id"]))).is_file() for link in exported["links"])
    ended.set()
    await writing
    assert len(links) > 5


def path_of(identifier: str) -> str:
    return URL(ResourceId.parse(identifier).url).path


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("not JSON", "is not of an export"),
        ("[]", "is not of an export"),
        ({"origin": ORIGIN, "documents": {"/x": {"kind": "no such"}}}, "is not of an export"),
        ({"origin": "https://another.example", "documents": {}}, "is the site of https://another.example"),
        ({"origin": ORIGIN, "documents": {"/../../passwd": {"kind": TWIN.name}}}, "says that /../../passwd"),
    ],
)
def test_a_folder_that_is_something_else_is_left_alone(
    tmp_path: Path, site: Path, manifest: str | Mapping[str, Any], why: str
) -> None:
    Store(tmp_path / "data").put(RESOURCE, b"{}", digest="zQm" + "a" * 40, **NORTHMOOR)
    site.mkdir()
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (site / "registry-export.json").write_text(text)

    with pytest.raises(NotExported, match=why):
        export(registry_settings(tmp_path / "data"), site)

    assert [file.name for file in site.iterdir()] == ["registry-export.json"]


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    Store(tmp_path / "data").put(RESOURCE, b"{}", digest="zQm" + "a" * 40, **NORTHMOOR)
    config = tmp_path / "registry.json"
    config.write_text(registry_settings(tmp_path / "data").model_dump_json())
    arguments = ["registry", "export", str(tmp_path / "site"), "--config", str(config)]

    done = CliRunner().invoke(app, arguments)

    assert (done.exit_code, done.stdout) == (0, f"{tmp_path}/site: 1 written, 0 unchanged, 0 removed\n")


def test_where_there_is_no_registry_nothing_is_exported(tmp_path: Path) -> None:
    config = tmp_path / "registry.json"
    config.write_text(registry_settings(tmp_path / "nothing").model_dump_json())

    done = CliRunner().invoke(app, ["registry", "export", str(tmp_path / "site"), "--config", str(config)])

    assert done.exit_code == 1
    assert done.stderr == f"staff-passport registry: there is no registry in {tmp_path}/nothing\n"
    assert not (tmp_path / "site").exists()
