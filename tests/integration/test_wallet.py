"""A wallet and a stock ACA-Py as employing authority and host, on a real registry and PostgreSQL."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_TOPIC

from agent.domain.ports.identity import OrganisationIdentity
from signed_documents.peer_dids import short_form
from staff_passport.embedded_postgres import EmbeddedPostgres, WalletStorage
from staff_passport.processes import Process, Processes, ProcessFailed
from tests.support.door import Door, a_door, shut
from tests.support.registry_server import ORIGIN, RegistryServer, a_registry, write_token
from tests.support.stock_agent import WALLET_KEY, StockAgent, a_stock_agent
from tests.support.wallet_process import WalletClient, wallet_program, wallet_settings

type Json = dict[str, Any]
CLAIMS = {"legalSurname": "Example", "employer": "Northmoor Teaching Hospitals", "issuedOn": "2026-10-05"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as server:
        yield server


@pytest.fixture(scope="module")
async def registry(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path_factory.mktemp("registry"), "northmoor") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Published:
    """What northmoor has in the registry."""

    schema_id: str
    definition_id: str


def webvh(registry: RegistryServer) -> Json:
    return {
        "agent.webvh": {
            "many": False,
            "organisations": {
                "ZZNM1": {
                    "origin": ORIGIN,
                    "registry_url": registry.url,
                    "path": "organisations/northmoor",
                    "write_token": write_token("northmoor"),
                }
            },
        }
    }


@pytest.fixture(scope="module")
def northmoor_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("northmoor")


@pytest.fixture(scope="module")
async def published(postgres: EmbeddedPostgres, registry: RegistryServer, northmoor_home: Path) -> Published:
    """Made in this process, before the agent itself opens the same store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(northmoor_home))
        profile = await opened(postgres.provide("northmoor").wallet, webvh(registry))
        made = await publish(profile)
        await profile.notify(SHUTDOWN_EVENT_TOPIC, {})
        await profile.inject(EventBus).task_queue.wait_for(5)
        await profile.close()
    return made


async def opened(storage: WalletStorage, plugins: Json) -> Profile:
    settings = {
        "wallet.type": "askar-anoncreds",
        "wallet.name": storage.database,
        "wallet.key": WALLET_KEY,
        "wallet.storage_type": "postgres_storage",
        "wallet.storage_config": f'{{"url": "{storage.address}"}}',
        "wallet.storage_creds": f'{{"account": "{storage.account}", "password": "{storage.password}"}}',
        "ledger.disabled": True,
        "external_plugins": list(plugins),
        "plugin_config": plugins,
    }
    context = await DefaultContextBuilder(settings).build_context()
    profile, _ = await wallet_config(context, provision=True)
    return profile


async def publish(profile: Profile) -> Published:
    await profile.inject(OrganisationIdentity).ensure()
    did = str(await profile.inject(OrganisationIdentity).did())
    issuer = AnonCredsIssuer(profile)
    schema = await issuer.create_and_register_schema(did, "Employment", "1.0", list(CLAIMS))
    schema_id = str(schema.schema_state.schema_id)
    definition = await issuer.create_and_register_credential_definition(
        did, schema_id, "employment", options={"support_revocation": True, "revocation_registry_size": 20}
    )
    definition_id = str(definition.credential_definition_state.credential_definition_id)
    await AnonCredsRevocation(profile).wait_for_active_revocation_registry(definition_id)
    return Published(schema_id, definition_id)


@pytest.fixture(scope="module")
async def northmoor(
    postgres: EmbeddedPostgres, registry: RegistryServer, published: Published, northmoor_home: Path
) -> AsyncIterator[StockAgent]:
    storage = postgres.provide("northmoor").wallet
    async with a_stock_agent(storage, northmoor_home, plugins=webvh(registry)) as agent:
        yield agent


@pytest.fixture(scope="module")
async def wallet(
    postgres: EmbeddedPostgres, registry: RegistryServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WalletClient]:
    settings = wallet_settings(postgres.provide("robin").wallet, {ORIGIN: registry.url})
    program = wallet_program(settings, tmp_path_factory.mktemp("robin"))
    port = settings["control"]["port"]
    async with Processes() as processes, aiohttp.ClientSession() as session:
        await processes.start(program, ready=f"http://127.0.0.1:{port}/status/ready")
        yield WalletClient(session, port)


@dataclass(frozen=True, slots=True)
class Met:
    """One connection, as each end calls it."""

    by_wallet: str
    by_agent: str


async def meet(wallet: WalletClient, northmoor: StockAgent) -> Met:
    invitation = await northmoor.invite()
    answer = await wallet.post("/wallet/connections", {"invitation": invitation.url})
    await wallet.until("connection", "completed", id=answer["connection_id"])
    told = await northmoor.webhooks.until(
        "connections", rfc23_state="completed", invitation_msg_id=invitation.id
    )
    return Met(answer["connection_id"], told["connection_id"])


@pytest.fixture(scope="module")
async def met(wallet: WalletClient, northmoor: StockAgent) -> Met:
    return await meet(wallet, northmoor)


async def an_offer(
    northmoor: StockAgent, wallet: WalletClient, met: Met, published: Published, *, issue: bool = True
) -> Json:
    attributes = [{"name": name, "value": value} for name, value in CLAIMS.items()]
    offer = {
        "connection_id": met.by_agent,
        "auto_issue": issue,
        "credential_preview": {"@type": "issue-credential/2.0/credential-preview", "attributes": attributes},
        "filter": {"anoncreds": {"cred_def_id": published.definition_id}},
    }
    sent = await northmoor.post("/issue-credential-2.0/send-offer", offer)
    event = await wallet.until("offer", "offer-received")
    return {"sent": sent["cred_ex_id"], "received": event["id"]}


async def a_request(northmoor: StockAgent, wallet: WalletClient, met: Met, published: Published) -> Json:
    now = int(time.time())
    asked = {
        "names": ["legalSurname", "employer"],
        "restrictions": [{"schema_id": published.schema_id}],
        "non_revoked": {"from": now, "to": now},
    }
    request = {
        "name": "Onboarding at Calder Bay Community Care",
        "version": "1.0",
        "requested_attributes": {"employment": asked},
        "requested_predicates": {},
    }
    body = {
        "connection_id": met.by_agent,
        "auto_verify": True,
        "presentation_request": {"anoncreds": request},
    }
    sent = await northmoor.post("/present-proof-2.0/send-request", body)
    event = await wallet.until("request", "request-received")
    return {"sent": sent["pres_ex_id"], "received": event["id"]}


async def test_both_ends_of_a_connection_have_the_same_dids_and_without_commitment_there_is_no_code(
    wallet: WalletClient, northmoor: StockAgent, met: Met
) -> None:
    ours = await wallet.get(f"/wallet/connections/{met.by_wallet}")
    theirs = await northmoor.get(f"/connections/{met.by_agent}")
    # Until the wallet's last message has come, the agent keeps the long form of either DID.
    dids = [short_form(connection[name]) for connection in (ours, theirs) for name in ("my_did", "their_did")]
    assert dids[:2] == dids[:1:-1]
    assert ours["comparison_code"] is None
    assert ours["label"] == "Northmoor Teaching Hospitals"


async def test_what_the_person_types_arrives(wallet: WalletClient, northmoor: StockAgent, met: Met) -> None:
    await wallet.post(f"/wallet/connections/{met.by_wallet}/messages", {"content": "4821-7730"})
    told = await northmoor.webhooks.until("basicmessages", content="4821-7730")
    assert told["connection_id"] == met.by_agent


async def test_a_declined_offer_is_abandoned_at_the_issuer_with_the_persons_reason(
    wallet: WalletClient, northmoor: StockAgent, met: Met, published: Published
) -> None:
    offer = await an_offer(northmoor, wallet, met, published)
    declined = await wallet.post(
        f"/wallet/offers/{offer['received']}/decline",
        {"reason": "incorrect", "comment": "That is not my name."},
    )
    assert (declined["state"], declined["error"]) == (
        "abandoned",
        "declined: incorrect: That is not my name.",
    )
    told = await northmoor.webhooks.until(
        "issue_credential_v2_0", cred_ex_id=offer["sent"], state="abandoned"
    )
    assert told["error_msg"] == "issuance-abandoned: incorrect: That is not my name."


async def test_an_offer_waits_for_the_person_and_shows_what_it_says(
    wallet: WalletClient, northmoor: StockAgent, met: Met, published: Published
) -> None:
    offer = await an_offer(northmoor, wallet, met, published)
    shown = await wallet.get(f"/wallet/offers/{offer['received']}")
    assert (shown["state"], shown["type"], shown["attributes"]) == ("offer-received", "Employment", CLAIMS)
    assert shown["issuer"] == published.definition_id.partition("/")[0]
    await wallet.post(f"/wallet/offers/{offer['received']}/decline", {"reason": "duplicate"})


async def test_an_accepted_credential_is_held_shared_on_the_persons_word_and_not_after_revocation(
    wallet: WalletClient, northmoor: StockAgent, met: Met, published: Published
) -> None:
    offer = await an_offer(northmoor, wallet, met, published)
    await wallet.post(f"/wallet/offers/{offer['received']}/accept")
    await wallet.until("offer", "done", id=offer["received"])
    await northmoor.webhooks.until("issue_credential_v2_0", cred_ex_id=offer["sent"], state="done")
    (held,) = (await wallet.get("/wallet/credentials"))["credentials"]
    assert (held["type"], held["status"], held["attributes"]) == ("Employment", "valid", CLAIMS)

    request = await a_request(northmoor, wallet, met, published)
    shown = await wallet.get(f"/wallet/requests/{request['received']}")
    assert shown["asks"][0]["names"] == ["legalSurname", "employer"]
    assert shown["host"]["standing"] == "unproven"
    changed = await wallet.call(
        "POST", f"/wallet/requests/{request['received']}/present", {"digest": "0" * 64}
    )
    assert (changed.status, changed.body["code"]) == (409, "request_changed")
    await wallet.post(f"/wallet/requests/{request['received']}/present", {"digest": shown["digest"]})
    told = await northmoor.webhooks.until("present_proof_v2_0", pres_ex_id=request["sent"], state="done")
    assert told["verified"] == "true"
    (diary,) = (await wallet.get("/wallet/shared"))["shared"]
    assert diary["credentials"][0]["attributes"] == ["legalSurname", "employer"]
    assert (diary["label"], diary["name"]) == ("Northmoor Teaching Hospitals", None)
    assert (await wallet.get(f"/wallet/requests/{request['received']}"))["host"] is None

    await northmoor.post("/anoncreds/revocation/revoke", {"cred_ex_id": offer["sent"], "publish": True})
    request = await a_request(northmoor, wallet, met, published)
    digest = (await wallet.get(f"/wallet/requests/{request['received']}"))["digest"]
    refused = await wallet.call("POST", f"/wallet/requests/{request['received']}/present", {"digest": digest})
    assert (refused.status, refused.body["code"]) == (409, "no_credential")
    assert refused.body["missing"] == [{"names": ["legalSurname", "employer"], "reason": "revoked"}]

    await wallet.post(f"/wallet/requests/{request['received']}/decline", {"comment": "It was revoked."})
    told = await northmoor.webhooks.until("present_proof_v2_0", pres_ex_id=request["sent"], state="abandoned")
    assert told["error_msg"] == "abandoned: declined: It was revoked."


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/connections"),
        ("GET", "/credentials"),
        ("POST", "/out-of-band/receive-invitation"),
        ("POST", "/present-proof-2.0/send-proposal"),
        ("GET", "/wallet/did"),
        ("GET", "/status/config"),
        ("GET", "/api/doc"),
        ("GET", "/shutdown"),
        ("OPTIONS", "/wallet/offers"),
    ],
)
async def test_stock_routes_are_closed_even_with_the_key(
    wallet: WalletClient, method: str, path: str
) -> None:
    answer = await wallet.call(method, path)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_without_the_key_nothing_is_told(wallet: WalletClient) -> None:
    stranger = WalletClient(wallet._session, int(wallet._base.rpartition(":")[2]), key="a-guess")
    answer = await stranger.call("GET", "/wallet/credentials")
    assert (answer.status, answer.body["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        (
            "POST",
            "/wallet/connections",
            {"invitation": "https://example.org/?oob=e30"},
            422,
            "not_an_invitation",
        ),
        ("POST", "/wallet/connections", {"invitation": "no link at all"}, 422, "not_an_invitation"),
        ("POST", "/wallet/connections", {"link": "x"}, 422, "invalid_input"),
        ("GET", "/wallet/connections/no-such-id", None, 404, "not_found"),
        ("POST", "/wallet/offers/no-such-id/accept", None, 404, "not_found"),
        ("POST", "/wallet/offers/no-such-id/decline", {"reason": "bored"}, 422, "invalid_input"),
        ("POST", "/wallet/requests/no-such-id/decline", {}, 404, "not_found"),
        ("GET", "/wallet/offers?colour=red", None, 422, "invalid_input"),
        ("GET", "/wallet/events?after=1000000", None, 409, "unknown_event"),
    ],
)
async def test_what_cannot_be_done_is_a_problem_with_a_code(
    wallet: WalletClient, method: str, path: str, body: Json | None, status: int, code: str
) -> None:
    answer = await wallet.call(method, path, body)
    assert (answer.status, answer.body["code"]) == (status, code)


@dataclass(frozen=True, slots=True)
class Sam:
    """Another wallet, with a door between it and the registry."""

    wallet: WalletClient
    door: Door
    process: Process
    ready: str
    met: Met
    settings: Path


@pytest.fixture(scope="module")
async def sam(
    postgres: EmbeddedPostgres,
    registry: RegistryServer,
    northmoor: StockAgent,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Sam]:
    async with a_door(registry.url) as door, Processes() as processes, aiohttp.ClientSession() as session:
        settings = wallet_settings(postgres.provide("sam").wallet, {ORIGIN: door.url}, "Sam Example")
        port = settings["control"]["port"]
        ready = f"http://127.0.0.1:{port}/status/ready"
        folder = tmp_path_factory.mktemp("sam")
        program = wallet_program(settings, folder)
        process = await processes.start(program, ready=ready)
        wallet = WalletClient(session, port)
        met = await meet(wallet, northmoor)
        yield Sam(wallet, door, process, ready, met, folder / "wallet.yaml")


@pytest.fixture(scope="module")
async def late(sam: Sam, northmoor: StockAgent, published: Published) -> Json:
    """An offer that was accepted, and whose credential came while the registry was silent."""
    offer = await an_offer(northmoor, sam.wallet, sam.met, published, issue=False)
    await sam.wallet.post(f"/wallet/offers/{offer['received']}/accept")
    await northmoor.webhooks.until(
        "issue_credential_v2_0", cred_ex_id=offer["sent"], state="request-received"
    )
    with shut(sam.door):
        await northmoor.post(f"/issue-credential-2.0/records/{offer['sent']}/issue")
        await sam.wallet.until("offer", "credential-received", id=offer["received"])
        answer = await sam.wallet.call("POST", f"/wallet/offers/{offer['received']}/accept")
        assert answer.status == 503
    return offer


async def test_an_offer_cannot_be_accepted_while_the_registry_is_silent_and_stays_open(
    sam: Sam, northmoor: StockAgent, published: Published
) -> None:
    offer = await an_offer(northmoor, sam.wallet, sam.met, published)
    with shut(sam.door):
        answer = await sam.wallet.call("POST", f"/wallet/offers/{offer['received']}/accept")
    assert (answer.status, answer.body["code"]) == (503, "registry_unavailable")
    assert (await sam.wallet.get(f"/wallet/offers/{offer['received']}"))["state"] == "offer-received"
    await sam.wallet.post(f"/wallet/offers/{offer['received']}/decline", {"reason": "no_longer_wanted"})


async def test_a_credential_that_came_while_the_registry_was_silent_is_stored_later(
    sam: Sam, northmoor: StockAgent, late: Json
) -> None:
    assert (await sam.wallet.post(f"/wallet/offers/{late['received']}/accept"))["state"] == "done"
    await northmoor.webhooks.until("issue_credential_v2_0", cred_ex_id=late["sent"], state="done")


async def test_while_the_registry_is_silent_nothing_is_taken_for_valid_and_a_restart_forgets_nothing(
    sam: Sam, northmoor: StockAgent, published: Published, late: Json
) -> None:
    request = await a_request(northmoor, sam.wallet, sam.met, published)
    digest = (await sam.wallet.get(f"/wallet/requests/{request['received']}"))["digest"]
    present = f"/wallet/requests/{request['received']}/present"
    with shut(sam.door):
        answer = await sam.wallet.call("POST", present, {"digest": digest})
        assert (answer.status, answer.body["code"]) == (503, "registry_unavailable")
        assert (await sam.wallet.get("/wallet/credentials"))["credentials"][0]["status"] == "unknown"

    await sam.process.stop()
    sam.process.start()
    await sam.process.wait_until_ready(sam.ready)
    await sam.wallet.post(present, {"digest": digest})
    told = await northmoor.webhooks.until("present_proof_v2_0", pres_ex_id=request["sent"], state="done")
    assert told["verified"] == "true"
    assert not [claim for claim in CLAIMS.values() if claim in sam.process.end_of_log()]


async def test_a_request_of_who_proves_nothing_is_declined_when_it_comes(
    sam: Sam, northmoor: StockAgent, published: Published, tmp_path: Path
) -> None:
    trust = {"url": f"{ORIGIN}/trust-list", "root": str(tmp_path / "root.json"), "folder": str(tmp_path)}
    told = yaml.safe_load(sam.settings.read_text()) | {"hosts": {"trust": trust}}
    sam.settings.write_text(yaml.safe_dump(told))
    await sam.process.stop()
    sam.process.start()
    await sam.process.wait_until_ready(sam.ready)

    request = await a_request(northmoor, sam.wallet, sam.met, published)

    await sam.wallet.until("request", "abandoned", id=request["received"])
    await northmoor.webhooks.until("present_proof_v2_0", pres_ex_id=request["sent"], state="abandoned")
    shown = await sam.wallet.get(f"/wallet/requests/{request['received']}")
    assert shown["error"] == "declined: host_not_registered"
    shared = (await sam.wallet.get("/wallet/shared"))["shared"]
    assert request["received"] not in {each["request_id"] for each in shared}
    stranger = await northmoor.invite()
    answer = await sam.wallet.call("POST", "/wallet/connections", {"invitation": stranger.url})
    assert (answer.status, answer.body["code"]) == (409, "host_not_registered")


@pytest.mark.parametrize("wrong", ["port", "password"])
async def test_a_wallet_that_cannot_start_says_why_in_one_line(
    postgres: EmbeddedPostgres, registry: RegistryServer, tmp_path: Path, wrong: str
) -> None:
    storage = postgres.provide("sandy").wallet
    taken = int(registry.url.rpartition(":")[2])
    settings = wallet_settings(storage, {ORIGIN: registry.url})
    if wrong == "port":
        settings["control"]["port"] = taken
    else:
        settings["wallet"]["storage"] = storage.url.replace(storage.password, "a-wrong-one")
    async with Processes() as processes:
        with pytest.raises(ProcessFailed, match="exit code 1") as failure:
            await processes.start(wallet_program(settings, tmp_path), ready=f"{registry.url}/no-such-page")
    assert str(failure.value).splitlines()[-1].startswith("staff-passport wallet: ")
    assert storage.password not in str(failure.value)
