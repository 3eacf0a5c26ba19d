"""Two organisations on one agent: each does all that it would alone, and sees nothing of the other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agent.domain.review import OPEN
from agent.openapi import TABLES
from agent_client import AgentClient
from staff_passport.demo.network import Party
from staff_passport.demo.waiting import until
from tests.support.esr_file import somebody, write
from tests.support.journey import imported, refused
from tests.support.local_settings import change, chosen, is_as_at_start
from tests.support.shared_agent import FENWICK, HARTLOW, TENANTS, SharedNetwork
from tests.support.stock_routes import loaded, stock_routes

type Json = dict[str, Any]
NURSE = "90200021"


def office(shared: SharedNetwork, user: str = "ines") -> AgentClient:
    """HR of the one that issues."""
    return shared.network.client(FENWICK, user)


def host(shared: SharedNetwork) -> AgentClient:
    """HR of the one that asks."""
    return shared.network.client(HARTLOW, "jonas")


@pytest.fixture(scope="package")
async def things(shared: SharedNetwork) -> Json:
    """Something of every kind: a passport issued by one to a wallet, and judged by the other."""
    network = shared.network
    people = (await network.sandbox("GET", "/personas"))["personas"]
    nurse = next(one for one in people if one["employeeNumber"] == NURSE)
    keyed = {
        "surname": nurse["lastName"],
        "forenames": nurse["firstName"],
        "date_of_birth": nurse["dateOfBirth"],
        "ni_number": nurse["niNumber"],
    }
    match = await office(shared).post("/esr/searches", keyed)
    chosen = {"search": match["search"], "assignment_number": match["assignments"][0]["number"]}
    passport = await office(shared).post("/passports", chosen)
    path = f"/passports/{passport['id']}"
    wallet = await network.start_wallet("nurse")
    invitation = (await office(shared).get(f"{path}/invitation"))["url"]
    connection = (await wallet.connect(invitation))["id"]
    await until(lambda: office(shared).get(path), lambda found: found["state"] == "connected")
    code = (await wallet.get(f"/wallet/connections/{connection}"))["comparison_code"]
    await office(shared).post(f"{path}/compared-code", {"code": code})
    await office(shared).post(f"{path}/offers")

    async def offers() -> list[Json]:
        found: list[Json] = (await wallet.get("/wallet/offers?state=offer-received"))["offers"]
        return found

    for offer in await until(offers, lambda found: len(found) == 3):
        if offer["type"] == "EmploymentChecksCredential":
            await wallet.post(f"/wallet/offers/{offer['id']}/decline", {"reason": "incorrect"})
        else:
            await wallet.post(f"/wallet/offers/{offer['id']}/accept")

    async def credentials() -> list[Json]:
        found: list[Json] = (await office(shared).get(f"{path}/credentials"))["credentials"]
        return found

    held = await until(credentials, lambda found: {one["state"] for one in found} == {"active", "rejected"})
    review = await host(shared).post("/reviews", {"purpose": "Two weeks on Ward 9"})
    invitation = (await host(shared).get(f"/reviews/{review['id']}/invitation"))["url"]
    await wallet.connect(invitation)
    review_path = f"/reviews/{review['id']}"
    await until(lambda: host(shared).get(review_path), lambda found: found["state"] == "connected")
    asked = await host(shared).post(
        f"{review_path}/presentation-requests", {"types": ["identity", "employment"]}
    )

    async def requests() -> list[Json]:
        found: list[Json] = (await wallet.get("/wallet/requests?state=request-received"))["requests"]
        return found

    (request,) = await until(requests, lambda found: len(found) == 1)
    agreed = {"digest": request["digest"], "form": "w3c"}
    await wallet.post(f"/wallet/requests/{request['id']}/present", agreed)
    request_path = f"/presentation-requests/{asked['id']}"
    verdict = await until(lambda: host(shared).get(request_path), lambda found: found["verdict"] not in OPEN)
    mass = await office(shared).post(
        "/mass-revocations", {"passports": [passport["id"]], "reason": "issued_in_error"}
    )
    administrator = network.client(FENWICK)
    subject = await administrator.post("/subject-requests", {"employee_number": NURSE})
    people = (await administrator.get("/people"))["people"]
    tasks = (await office(shared).get("/tasks"))["tasks"]
    await office(shared).post(f"{path}/deactivation", {"reason": "employment_ended"})

    async def alerts() -> list[Json]:
        found: list[Json] = (await host(shared).get("/alerts"))["alerts"]
        return found

    alert, *_ = await until(alerts, bool)
    weak = await office(shared).post("/esr/searches", {**keyed, "ni_number": None})
    return {
        "search": weak["search"],
        "search_alert": await a_search_alert(shared),
        "task": tasks[0]["id"],
        "alert": alert["id"],
        "thing": passport["id"],
        "notification": a_notification(shared),
        "import": await an_import(shared),
        "passport": passport["id"],
        "credential": held[0]["id"],
        "revocation": mass["id"],
        "request": subject["id"],
        "person": people[0]["id"],
        "review": review["id"],
        "presentation_request": asked["id"],
        "verdict": verdict["verdict"],
    }


async def a_search_alert(shared: SharedNetwork) -> str:
    """One that was raised by searches for people whom nobody knows."""
    nobody = {"surname": "Nobody", "forenames": "At All", "date_of_birth": "1980-01-01"}
    for _ in range(10):
        await refused(office(shared).post("/esr/searches", nobody))
    alerts = (await shared.network.client(FENWICK).get("/esr/search-alerts"))["alerts"]
    return str(alerts[0]["id"])


async def an_import(shared: SharedNetwork) -> str:
    """One of an outbound file of the organisation that issues."""
    settings = shared.network.agents[FENWICK.slug].settings["shared"]["organisations"]
    (own,) = (one for one in settings if one["organisation"]["ods_code"] == FENWICK.ods_code)
    write(Path(own["esr"]["outbound"]["inbox"]), somebody(), "F", vpd=str(FENWICK.vpd))
    found = await imported(shared.network, FENWICK)
    return str(found[0]["id"])


def a_notification(shared: SharedNetwork) -> str:
    """One that was sent to somebody of the organisation that issues."""
    with psycopg.connect(shared.network.postgres.provide("shared").migration_url) as connection:
        own = [FENWICK.ods_code]
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", own)
        found = "SELECT id FROM organisation.notifications WHERE organisation = %s LIMIT 1"
        row = connection.execute(found, own).fetchone()
    assert row is not None
    return str(row[0])


async def test_one_organisation_issues_and_another_on_the_same_agent_accepts(things: Json) -> None:
    assert things["verdict"] == "accepted"


OF_NO_ORGANISATION = {"did", "kind", "sequence", "application", "key", "organisation"}
"""Names in paths that are nobody's secret: of published things, places in one's own chain, the operator's."""


def paths_with(things: Json) -> Iterator[tuple[str, str, str]]:
    """Every route that names a thing: method, path, and whose things are put in."""
    theirs = {"review": HARTLOW, "presentation_request": HARTLOW, "alert": HARTLOW}
    for table in TABLES:
        for route in table.routes:
            names = re.findall(r"{(\w+)}", route.path)
            if not names or OF_NO_ORGANISATION & set(names):
                continue
            path, owner = route.path, FENWICK
            for name in names:
                known = "presentation_request" if "presentation" in path and name == "request" else name
                owner = theirs.get(known, FENWICK)
                path = path.replace(f"{{{name}}}", things[known])
            yield route.method, path, owner.slug


def everybody_of(shared: SharedNetwork, party: Party) -> Iterator[AgentClient]:
    """Whoever acts for an organisation, its worker included."""
    client = shared.network.client(party)
    for user in (*party.users, *party.first):
        yield client.acting_as(user)
    yield shared.network.machine(party)


BODIES: dict[str, Json] = {
    "compared-code": {"code": "12345678"},
    "deactivation": {"reason": "other"},
    "revocation": {"reason": "other"},
    "changes": {"name": "Somebody Else"},
    "presentation-requests": {},
    "decision": {"decision": "rejected", "reason": "Not ours to decide"},
    "acknowledgement": {},
    "completion": {"outcome": "done"},
}


async def test_every_resource_of_another_organisation_is_not_there(
    shared: SharedNetwork, things: Json
) -> None:
    tried = 0
    for method, path, owner in paths_with(things):
        other = HARTLOW if owner == FENWICK.slug else FENWICK
        told: set[str] = set()
        for client in everybody_of(shared, other):
            body = BODIES.get(path.rsplit("/", maxsplit=1)[-1]) if method == "POST" else None
            problem = await refused(client.call(method, path, body))
            told.add(f"{problem.status} {problem.code}")
            assert problem.status in {403, 404}, (method, path, client.user, problem)
        assert any(each.startswith("404") for each in told), (method, path, told)
        tried += 1
    assert tried > 25


LISTS = [
    ("/passports", "ines", None, "passports"),
    ("/reviews", "ines", "jonas", "reviews"),
    ("/mass-revocations", "ines", None, "mass_revocations"),
    ("/tasks", "ines", "jonas", "tasks"),
    ("/alerts", "ines", "jonas", "alerts"),
    ("/esr/weak-matches", "ines", None, "weak_matches"),
]


async def test_no_list_has_anything_of_another_organisation(shared: SharedNetwork, things: Json) -> None:
    own = {FENWICK.slug: set[str](), HARTLOW.slug: set[str]()}
    for path, ours, theirs, name in LISTS:
        for party, user in ((FENWICK, ours), (HARTLOW, theirs)):
            if user is not None:
                found = (await shared.network.client(party, user).get(path))[name]
                own[party.slug] |= {one.get("id") or one["search"] for one in found}
    for party in TENANTS:
        people = (await shared.network.client(party).get("/people?limit=200"))["people"]
        own[party.slug] |= {one["id"] for one in people}
        assert {one["user"].partition("@")[2] for one in people} == {f"{party.slug}.example"}

    assert things["passport"] in own[FENWICK.slug]
    assert things["review"] in own[HARTLOW.slug]
    assert not own[FENWICK.slug] & own[HARTLOW.slug]


async def test_each_has_an_audit_of_its_own(shared: SharedNetwork, things: Json) -> None:
    chains = {}
    for party in TENANTS:
        auditor = shared.network.client(party, "auditor")
        entries = (await auditor.get("/audit/entries?limit=500"))["entries"]
        chains[party.slug] = {entry["intent"] for entry in entries}
        assert entries[0]["sequence"] == 1
        actors = {entry["actor"].partition("@")[2] for entry in entries if "@" in entry["actor"]}
        assert actors == {f"{party.slug}.example"}

    assert not chains[FENWICK.slug] & chains[HARTLOW.slug]


async def test_what_one_organisation_chose_for_itself_is_nothing_to_another(shared: SharedNetwork) -> None:
    ours, theirs = (shared.network.client(party) for party in TENANTS)
    before = await theirs.get("/local-settings")

    changed = await change(ours, passport_invitation_days=9, review_invitation_days=9, usual_wait_hours=1)

    assert await theirs.get("/local-settings") == before
    assert chosen(before) == {**chosen(changed, "at_start"), "passport_invitation_days": None}
    await is_as_at_start(ours)


async def test_a_token_of_one_and_an_assertion_of_the_other_are_nobody(shared: SharedNetwork) -> None:
    ours, theirs = office(shared), host(shared)

    for crossed in (replace(ours, token=theirs.token), replace(theirs, token=ours.token)):
        assert (await refused(crossed.get("/organisation"))).status == 401


async def test_with_a_tenants_token_as_with_any_other_only_our_routes_are_served(
    shared: SharedNetwork,
) -> None:
    client, key = office(shared), shared.network.agents[FENWICK.slug].settings["admin"]["api_key"]
    headers = {"Authorization": f"Bearer {client.token}", "X-API-Key": key}
    served = set()
    packages = {*await loaded(client.session, client.base, key), "acapy_agent.multitenant.admin"}
    async with stock_routes(sorted(packages)) as stock:
        assert {"/multitenancy/wallets", "/wallet/did"} <= {path for _, path in stock}
        for method, path in stock:
            url = client.base + path.replace("{", "").replace("}", "")
            async with client.session.request(method, url, headers=headers) as answer:
                if answer.status != 404:
                    served.add((method, path))

    assert served <= {("GET", "/status/live"), ("GET", "/status/ready"), ("GET", "/plugins")}


async def test_the_agents_own_key_opens_nothing_for_anybody(shared: SharedNetwork) -> None:
    for table in TABLES:
        for route in table.routes:
            path = route.path.replace("{", "").replace("}", "")
            keyed = replace(office(shared), token=None)
            body: Json | None = {} if route.method == "POST" else None
            assert (await refused(keyed.call(route.method, path, body))).status in {401, 404}


async def test_a_token_needs_two_custodians_who_have_not_agreed_before(shared: SharedNetwork) -> None:
    custodians, code = shared.custodians, HARTLOW.ods_code
    dana, emil = custodians.agree("dana", code), custodians.agree("emil", code)

    assert "Two different custodians" in shared.token(code, dana).stderr
    assert "Two different custodians" in shared.token(code, dana, dana).stderr
    assert "another organisation" in shared.token(FENWICK.ods_code, dana, emil).stderr
    made = shared.token(code, dana, emil)
    again = shared.token(code, dana, emil)

    assert (made.returncode, again.returncode) == (0, 1)
    assert "used before" in again.stderr
    before = host(shared)
    shared.network.agents[HARTLOW.slug].tokens[code] = made.stdout.strip()
    assert (await host(shared).get("/organisation"))["ods_code"] == code
    assert (await refused(before.get("/organisation"))).status == 401


async def test_who_let_a_program_in_stands_in_the_organisations_audit(shared: SharedNetwork) -> None:
    auditor = shared.network.client(HARTLOW, "auditor")

    entries = (await auditor.get("/audit/entries?action=make%20tenant%20token"))["entries"]

    assert {entry["actor"] for entry in entries} == {"custodians:dana+emil"}
    assert entries[1]["outcome"] == "done"


async def test_the_database_itself_shows_each_its_own_rows_alone(shared: SharedNetwork, things: Json) -> None:
    url = shared.network.postgres.provide("shared").url
    with psycopg.connect(url) as connection:
        for party, expected in ((FENWICK, 1), (HARTLOW, 0)):
            connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [party.ods_code])
            count = "SELECT count(*) FROM issuer.passports WHERE id = %s"
            assert connection.execute(count, [things["passport"]]).fetchone() == (expected,)
