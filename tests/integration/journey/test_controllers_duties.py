"""A data controller's duties: to answer who asks what is held of them, to correct, to forget."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aries_askar import Store

from agent_client import AgentClient
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network, Party
from staff_passport.demo.waiting import until
from staff_passport.demo.wallet_client import WalletClient
from tests.support.every_row import every_row
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    a_review,
    as_owner,
    audit_entries,
    credentials_in,
    host,
    hr,
    person,
    refused,
    search,
    verdict,
)

type Json = dict[str, Any]
NUMBER = "90100020"  # the sandbox's person with accents in their name
MARKED = {"firstName": "Zquorvex", "lastName": "Blimthandor", "preferredName": "Wubbleplex"}
SAID = "My surname is spelled Yarglefotz"
BORN, NI_NUMBER, LABEL = "1991-01-31", "OC200020D", "The wallet of marked"
MARKS = (*MARKED.values(), "Yarglefotz", BORN, NI_NUMBER, LABEL)


def controller(network: Network, party: Party = NORTHMOOR) -> AgentClient:
    """An administrator, who answers for the organisation."""
    return network.client(party)


async def an_export(client: AgentClient, folder: Path, **whom: str) -> tuple[str, Json]:
    """Somebody's request, and everything that is held of them."""
    request = (await client.post("/subject-requests", whom))["id"]
    await client.download(f"/subject-requests/{request}/export", folder / f"{request}.json")
    export: Json = json.loads((folder / f"{request}.json").read_text())
    return request, export


class Life:
    """Everything that came of one person, of whom nothing is to be left."""

    def __init__(self, network: Network, issued: Issued, review: str, dids: Sequence[str]) -> None:
        self.network = network
        self.issued = issued
        self.review = review
        self.marks = (*MARKS, *dids)


async def confirmed(network: Network, holder: Holder) -> Issued:
    """A passport of the person as ESR has them now, whose connection was confirmed."""
    match = await search(network, "accents", surname=MARKED["lastName"], forenames=MARKED["firstName"])
    chosen = {"search": match["search"], "assignment_number": match["assignments"][0]["number"]}
    passport = await hr(network).post("/passports", chosen)
    path = f"/passports/{passport['id']}"
    connection = await holder.connect((await hr(network).get(f"{path}/invitation"))["url"])
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "connected")
    issued = Issued(passport, connection)
    await hr(network).post(f"{path}/compared-code", {"code": await holder.code(issued)})
    return issued


@pytest.fixture(scope="module")
async def life(network: Network) -> AsyncIterator[Life]:
    """A person with marked names: found, issued to, who declined something, and was judged by a host."""
    wallet = await network.start_wallet("marked")
    await network.sandbox("PATCH", f"/people/901/{NUMBER}", MARKED)
    person = Holder(network, wallet)
    issued = await confirmed(network, person)
    await hr(network).post(f"{issued.path}/offers")
    for offer in await person.offers(issued):
        if offer["type"] == "EmploymentChecksCredential":
            await person.decline(offer, "incorrect", SAID)
        else:
            await person.accept(offer)
    await credentials_in(network, issued, "active", "rejected")
    review = await a_review(network, person.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {"types": ["identity", "employment"]})
    await person.present()
    assert (await verdict(network, asked))["verdict"] == "accepted"
    connections = (await wallet.get("/wallet/connections"))["connections"]
    dids = [one["my_did"][:50] for one in connections]  # as much of a did:peer as any form of it begins with
    assert len(set(dids)) == 2
    yield Life(network, issued, review.rpartition("/")[2], dids)
    await network.sandbox("POST", "/reset")


async def test_what_is_held_of_somebody_is_all_there_for_machines_and_for_them(
    life: Life, tmp_path: Path
) -> None:
    _, export = await an_export(controller(life.network), tmp_path, employee_number=NUMBER)

    held = {record["category"] for record in export["records"]}
    claims = [record["data"]["claims"] for record in export["records"] if "claims" in record["data"]]
    assert held >= {"passports", "credentials", "tasks", "searches of the staff record"}
    assert {one.get("legalSurname") for one in claims} >= {MARKED["lastName"]}
    assert SAID in json.dumps(export)
    assert "NI" not in {name for one in claims for name in one}
    acts = {(act["actor"], act["action"]) for act in export["who_did_what"]}
    assert ("ottilie@northmoor.example", "offer identity credential") in acts
    assert ("ottilie@northmoor.example", "see passport") in acts


async def test_the_page_can_be_read_and_loads_nothing(life: Life, tmp_path: Path) -> None:
    client = controller(life.network)
    request, _ = await an_export(client, tmp_path, employee_number=NUMBER)

    await client.download(f"/subject-requests/{request}/export?format=html", tmp_path / "page.html")

    page = (tmp_path / "page.html").read_text()
    assert "<h1>What Northmoor Teaching Hospitals holds about you in Staff Passport</h1>" in page
    assert MARKED["lastName"] in page
    assert not re.findall(r"""(?:src|href)=|<script|url\(""", page)


async def test_a_host_answers_for_what_it_was_shown(life: Life, tmp_path: Path) -> None:
    _, export = await an_export(controller(life.network, CALDER_BAY), tmp_path, review=life.review)

    shown = [one for record in export["records"] for one in record["data"].get("shown", [])]
    assert {one["credential"] for one in shown} == {"identity", "employment"}
    assert {record["category"] for record in export["records"]} >= {
        "reviews",
        "requests",
        "what is relied on",
    }
    acts = {(act["actor"], act["action"]) for act in export["who_did_what"]}
    assert ("wanjiru@calder-bay.example", "see presentation") in acts


async def test_what_somebody_says_is_wrong_is_a_task_until_somebody_has_looked(life: Life) -> None:
    tasks = (await hr(life.network).get("/tasks?state=open"))["tasks"]
    task = next(one for one in tasks if one["passport"] == life.issued.passport["id"])
    assert (task["kind"], task["reason"], task["comment"]) == ("correction", "incorrect", SAID)

    path = f"/tasks/{task['id']}"
    done = await hr(life.network).post(f"{path}/completion", {"outcome": "done", "note": "Mended in ESR."})

    assert (done["state"], done["closed_by"]) == ("done", "ottilie@northmoor.example")
    assert (
        await refused(hr(life.network).post(f"{path}/completion", {"outcome": "done"}))
    ).code == "task_done"


async def test_who_saw_a_passport_is_told_and_looking_twice_is_once(life: Life) -> None:
    passport = life.issued.passport["id"]
    for _ in range(3):
        await hr(life.network, "kofi").get(f"/passports/{passport}")

    auditor = life.network.client(NORTHMOOR, "auditor")
    acts = (await auditor.get(f"/audit/acts/{passport}"))["acts"]

    seen = [act["actor"] for act in acts if act["action"] == "see passport"]
    assert seen.count("kofi@northmoor.example") == 1
    assert {"create passport", "confirm connection"} <= {act["action"] for act in acts}


async def test_only_those_who_answer_for_the_organisation_export_and_erase(life: Life) -> None:
    for client in (hr(life.network), life.network.client(NORTHMOOR, "auditor")):
        problem = await refused(client.post("/subject-requests", {"employee_number": NUMBER}))
        assert problem.code == "not_permitted"


async def test_nothing_is_erased_that_still_counts(life: Life, tmp_path: Path) -> None:
    request, _ = await an_export(controller(life.network), tmp_path, employee_number=NUMBER)

    problem = await refused(controller(life.network).post(f"/subject-requests/{request}/erasure"))

    assert (problem.status, problem.code) == (409, "passport_open")
    assert life.issued.passport["id"] in problem.problem["detail"]


async def test_the_record_of_processing_tells_every_kind_of_record(network: Network) -> None:
    record = await controller(network).get("/record-of-processing")

    kinds = {one["category"] for one in record["processing"]}
    assert record["controller"] == NORTHMOOR.name
    assert kinds >= {"passports", "reviews", "tasks", "people who act", "searches of the staff record"}
    assert all(one["purpose"] and one["kept_for"] for one in record["processing"])


def rows(network: Network, party: Party) -> Iterator[tuple[str, str]]:
    """Every row that the agent of a party may read."""
    return every_row(network.postgres.provide(party.slug).migration_url, party.ods_code)


async def encrypted(network: Network, party: Party) -> AsyncIterator[tuple[str, str]]:
    """Every entry of a party's Askar store, opened."""
    storage, settings = network.postgres.provide(party.slug).wallet, network.agents[party.slug].settings
    key = settings["wallet"]["key"]
    url = storage.url.replace("postgresql://", "postgres://")
    store = await Store.open(url, "kdf:argon2i:mod", key)
    try:
        async for entry in store.scan():
            yield entry.category, f"{entry.value.decode(errors='replace')} {entry.tags}"
    finally:
        await store.close()


async def found(life: Life, party: Party) -> dict[str, set[str]]:
    """Where any of the marks stands, in the clear or encrypted, and which."""
    places: dict[str, set[str]] = {}
    told = [
        *rows(life.network, party),
        *[entry async for entry in encrypted(life.network, party)],
    ]
    for place, text in told:
        if marks := {mark for mark in life.marks if mark in text}:
            places[place] = places.get(place, set()) | marks
    return places


async def test_after_erasure_nothing_of_the_person_is_left_anywhere_and_the_audit_is_whole(
    life: Life, tmp_path: Path
) -> None:
    network = life.network
    before = await found(life, NORTHMOOR), await found(life, CALDER_BAY)
    assert all({*MARKED.values()} & set().union(*each.values()) for each in before), "something to find"
    assert set(life.marks[-2:]) == {did for each in before for marks in each.values() for did in marks} & set(
        life.marks[-2:]
    )
    await hr(network).post(f"{life.issued.path}/deactivation", {"reason": "employment_ended"})

    request, _ = await an_export(controller(network), tmp_path, employee_number=NUMBER)
    erased = await controller(network).post(f"/subject-requests/{request}/erasure")
    again = await refused(controller(network).post(f"/subject-requests/{request}/erasure"))
    at_host, _ = await an_export(controller(network, CALDER_BAY), tmp_path, review=life.review)
    await controller(network, CALDER_BAY).post(f"/subject-requests/{at_host}/erasure")

    assert erased["erased"] >= 5
    assert again.code == "erased"
    assert await found(life, NORTHMOOR) == {}
    assert await found(life, CALDER_BAY) == {}
    assert not [place for place, row in rows(network, NORTHMOOR) if NUMBER in row]
    for party in (NORTHMOOR, CALDER_BAY):
        entries = await audit_entries(network, party)
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        await network.client(party, "auditor").post("/audit/checkpoints")
    _, left = await an_export(controller(network), tmp_path, employee_number=NUMBER)
    assert [one["category"] for one in left["records"]] == ["subject requests"]


async def test_credentials_of_somebody_who_was_erased_stay_revoked(life: Life, wallet: WalletClient) -> None:
    """Their places in the lists are kept, though nobody knows any more whose they were."""
    path = life.issued.path
    passport = await hr(life.network).get(path)
    credentials = (await hr(life.network).get(f"{path}/credentials"))["credentials"]

    assert (passport["holder_name"], passport["assignment_number"]) == ("", "")
    assert {one["state"] for one in credentials} == {"revoked", "rejected"}
    assert {one["comment"] for one in credentials if "comment" in one} <= {None}


def test_nothing_of_the_person_was_ever_logged(life: Life) -> None:
    logs = [file for file in life.network.folder.glob("*/*.log") if file.parent.name != "esr-sandbox"]

    assert len(logs) > 4
    for log in logs:
        text = log.read_text(errors="replace")
        assert not [mark for mark in MARKS if mark in text], log


async def test_what_is_over_its_time_is_told_first_and_then_erased(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("bank")
    await hr(network).post(f"{issued.path}/deactivation", {"reason": "employment_ended"})
    passport = issued.passport["id"]

    async def due() -> dict[str, int]:
        told = (await controller(network).get("/retention"))["categories"]
        return {one["category"]: one["due"] for one in told}

    before = await due()
    year = "UPDATE issuer.passports SET ended_at = ended_at - interval '3 years' WHERE id = %s"
    assert as_owner(network, NORTHMOOR, year, passport) == 1
    now = await due()
    assert now["passports"] == before["passports"] + 1
    assert (await hr(network).get(issued.path))["holder_name"] != ""

    ran = await controller(network).post("/retention/runs")

    assert ran["erased"]["passports"] == now["passports"]
    assert (await due())["passports"] == 0
    assert (await hr(network).get(issued.path))["holder_name"] == ""


async def test_many_passports_are_ended_at_once_when_another_person_agrees(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = [await robin.an_active_passport("bank"), await robin.an_active_passport("twin-one")]
    body = {"passports": [one.passport["id"] for one in issued], "reason": "issued_in_error"}
    asked = await hr(network).post("/mass-revocations", body)
    path = f"/mass-revocations/{asked['id']}"

    own = await refused(hr(network).post(f"{path}/agreement"))
    assert [each["code"] for each in own.problem["refusals"]] == ["own_request"]
    assert {(await hr(network).get(one.path))["state"] for one in issued} == {"active"}
    agreed = await hr(network, "kofi").post(f"{path}/agreement")

    assert (agreed["state"], agreed["decided_by"]) == ("done", "kofi@northmoor.example")
    for one in issued:
        await credentials_in(network, one, "revoked")
    again = await refused(hr(network, "kofi").post(f"{path}/agreement"))
    assert again.code == "mass_revocation_done"


async def test_a_mass_revocation_that_the_registry_kept_waiting_is_carried_on(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("bank")
    body = {"passports": [issued.passport["id"]], "reason": "issued_in_error"}
    path = f"/mass-revocations/{(await hr(network).post('/mass-revocations', body))['id']}"
    assert network.registry is not None
    await network.registry.stop()
    try:
        problem = await refused(hr(network, "kofi").post(f"{path}/agreement"))
    finally:
        await network.start_registry()

    assert problem.status == 503
    await until(lambda: hr(network).get(path), lambda found: found["state"] == "done")
    await credentials_in(network, issued, "revoked")


async def test_what_names_a_passport_that_is_not_there_is_not_asked_for(network: Network) -> None:
    body = {"passports": ["nowhere"], "reason": "other"}

    assert (await refused(hr(network).post("/mass-revocations", body))).status == 404
    assert await person(network, "ottilie@northmoor.example")
