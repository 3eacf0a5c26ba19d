"""What a running network shows to people, browsers and programs that know nothing of it but a DID."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from signed_documents.did_configurations import CONTEXT, claimed_linkage
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader
from signed_documents.services import TRQP_PROFILE
from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.journey import host, hr, refused
from tests.support.trqp import AUTHORIZATION, conforms

type Json = dict[str, Any]
CONSOLE = "from staff_passport.cli import app; app()"
NOWHERE = "https://10.0.0.1"


async def document_of(network: Network, did: str) -> Json:
    fetch = GuardedFetcher({network.environment.origin: network.registry_url})
    document = (await WebvhReader(fetch).log(did)).document_json
    await fetch.close()
    return document


async def asked(network: Network, uri: str, **query: str) -> Json:
    """What the registry at `uri`, which stands on this machine, says to a query."""
    assert uri == network.environment.origin
    async with (
        aiohttp.ClientSession(network.registry_url) as session,
        session.post("/authorization", json=query) as answer,
    ):
        found: Json = await answer.json()
        assert conforms(found, AUTHORIZATION)
        return found


async def test_from_the_operators_did_alone_anybody_finds_out_who_may_issue(trust: Network) -> None:
    operator = trust.dids[trust.operator.ods_code]
    (service,) = [
        each
        for each in (await document_of(trust, operator))["service"]
        if each["type"] == "TrustRegistry" and each["serviceEndpoint"]["profile"] == TRQP_PROFILE
    ]
    uri = service["serviceEndpoint"]["uri"]
    query = {"authority_id": operator, "action": "issue", "resource": "employment"}

    northmoor = await asked(trust, uri, entity_id=trust.dids[NORTHMOOR.ods_code], **query)
    nobody = await asked(trust, uri, entity_id="did:web:www.example.com", **query)
    await trust_list.change(trust, NORTHMOOR.ods_code, {"may_issue": []})
    changed = await asked(trust, uri, entity_id=trust.dids[NORTHMOOR.ods_code], **query)

    assert [each["authorized"] for each in (northmoor, nobody, changed)] == [True, False, False]


async def test_the_trust_registry_is_said_once_and_by_the_operator_alone(network: Network) -> None:
    operator = trust_list.operator_of(network)

    assert (await operator.post("/organisation/did/trust-registry")) == {"standing": "published"}
    document = await document_of(network, network.dids[network.operator.ods_code])
    assert [each["type"] for each in document["service"]] == ["TrustRegistry"]
    administrator = network.client(NORTHMOOR)
    assert (await refused(administrator.post("/organisation/did/trust-registry"))).code == "not_the_operator"
    problem = await refused(hr(network).post("/organisation/did/trust-registry"))
    assert (problem.status, problem.code) == (403, "not_permitted")


async def test_people_read_who_is_registered(network: Network) -> None:
    async with aiohttp.ClientSession(network.registry_url) as session:
        page = await (await session.get("/organisations/")).text()

    assert all(said["name"] in page for said in network.environment.organisations)


async def test_an_organisation_links_its_did_with_a_website_and_with_the_registry(
    network: Network, tmp_path: Path
) -> None:
    administrator, origin = network.client(NORTHMOOR), "https://www.northmoor.example"
    path = f"/organisation/did/configuration?origin={origin}"
    await administrator.download(path, tmp_path / "did-configuration.json")
    file = json.loads(await asyncio.to_thread((tmp_path / "did-configuration.json").read_text))
    (token,) = file["linked_dids"]

    assert file["@context"] == CONTEXT
    assert claimed_linkage(token).did == network.dids[NORTHMOOR.ods_code]
    assert claimed_linkage(token).origin == origin

    linked = await administrator.post("/organisation/did/registry-linkage")
    assert linked["origin"] == network.environment.origin
    assert datetime.fromisoformat(linked["valid_until"]) > datetime.now(UTC)
    async with aiohttp.ClientSession(network.registry_url) as session:
        published = await (await session.get("/.well-known/did-configuration.json")).json()
    assert network.dids[NORTHMOOR.ods_code] in [
        claimed_linkage(each).did for each in published["linked_dids"]
    ]
    await administrator.post("/organisation/did/registry-linkage/withdrawal")


async def test_only_whoever_publishes_for_an_organisation_links_its_did(network: Network) -> None:
    for path in ("/organisation/did/registry-linkage", "/organisation/did/registry-linkage/withdrawal"):
        assert (await refused(hr(network).post(path))).status == 403
    configuration = "/organisation/did/configuration?origin=https://www.northmoor.example"
    assert (await refused(hr(network).get(configuration))).status == 403
    administrator = network.client(NORTHMOOR)
    for origin in ("", "?origin=", "?origin=http://a.example", "?origin=https://10.0.0.1"):
        problem = await refused(administrator.get(f"/organisation/did/configuration{origin}"))
        assert (problem.status, problem.code) == (422, "invalid_input")


async def test_what_a_did_says_of_websites_is_asked_of_them(network: Network) -> None:
    northmoor = network.dids[NORTHMOOR.ods_code]
    path = f"/organisation/did/linked-domains/{northmoor}"

    assert await host(network).get(path) == {"did": northmoor, "origins": []}
    strange = await refused(host(network).get("/organisation/did/linked-domains/did:web:www.example.com"))
    assert (strange.status, strange.code) == (422, "did_refused")


async def test_the_console_program_links_and_checks(network: Network, tmp_path: Path) -> None:
    client, northmoor = network.client(NORTHMOOR), network.dids[NORTHMOOR.ods_code]
    access = {
        "url": client.base,
        "organisation": client.ods_code,
        "key": "portal.pem",
        "user": client.user,
        "portal": client.portal.id,
        "api_key": client.api_key,
    }
    (tmp_path / "portal.pem").write_text(client.portal.private_pem)
    (tmp_path / "agent.json").write_text(json.dumps(access))
    out = tmp_path / "did-configuration.json"

    async def website(*argv: str) -> tuple[int | None, str]:
        command = (
            sys.executable,
            "-c",
            CONSOLE,
            "did",
            "website",
            *argv,
            "--agent",
            str(tmp_path / "agent.json"),
        )
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
        printed, _ = await process.communicate()
        return process.returncode, printed.decode()

    code, said = await website("file", "https://www.northmoor.example", "--out", str(out))
    assert code == 0, said
    assert said == f"Publish {out} as https://www.northmoor.example/.well-known/did-configuration.json\n"
    (token,) = json.loads(out.read_bytes())["linked_dids"]
    assert claimed_linkage(token).did == northmoor
    code, said = await website("file", "http://www.northmoor.example", "--out", str(out))
    assert code == 1, said
    assert "origin: must be https" in said
    code, said = await website("registry")
    assert code == 0, said
    assert said.startswith(f"{network.environment.origin}: linked until ")
    assert await website("registry", "--end") == (0, f"{network.environment.origin}: not linked\n")
    assert await website("check", northmoor) == (0, "The DID names no website.\n")
    assert (await website("check", "did:web:www.example.com"))[0] == 1
    await client.post(
        "/organisation/did/changes",
        {"change": {"kind": "add_service", "name": "website", "type": "LinkedDomains", "endpoint": NOWHERE}},
    )
    checked = await website("check", northmoor)
    await client.post("/organisation/did/changes", {"change": {"kind": "remove_service", "name": "website"}})
    assert checked == (1, f"{NOWHERE}: refused, other_domain\n")
