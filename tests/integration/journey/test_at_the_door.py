"""Who may call the agent, and what it serves at all."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from agent.openapi import TABLES
from agent_client import AgentClient, PortalKey
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from tests.support.journey import audit_entries, host, hr, refused, suspended
from tests.support.network import ROSTER
from tests.support.stock_routes import loaded, stock_routes

type Json = dict[str, Any]
SOMEBODY_BORN = b'{"surname": "A", "forenames": "B", "date_of_birth": "%s"}'
OURS = [
    (
        OPERATOR if table.name == "operator" else NORTHMOOR,
        route.method,
        route.path.replace("{", "").replace("}", ""),
    )
    for table in TABLES
    if table.name != "indy"  # served where registries are ledgers, which these agents' are not
    for route in table.routes
]
"""At whose agent each is served, its method, and a path."""
OURS_TO_SEE = {"/plugins", "/status/live", "/status/ready"}


async def answered(client: AgentClient, method: str, path: str, **headers: str) -> int:
    """The status of a bare call with the agent's own key, and with whatever headers are given."""
    keyed = {"X-API-Key": client.api_key, **headers}
    async with client.session.request(method, client.base + path, headers=keyed) as answer:
        return answer.status


@pytest.fixture(scope="module")
async def stock(network: Network) -> AsyncIterator[list[tuple[str, str]]]:
    """Every route of what a running agent has loaded of ACA-Py, as ACA-Py itself registers them."""
    client = hr(network)
    async with stock_routes(await loaded(client.session, client.base, client.api_key)) as routes:
        yield routes


async def test_every_stock_route_answers_404_even_with_a_valid_key(
    network: Network, stock: list[tuple[str, str]]
) -> None:
    assert len(stock) > 100
    served = []
    for method, path in stock:
        status = await answered(hr(network), method, path.replace("{", "").replace("}", ""))
        if status != 404:
            served.append((method, path))

    assert {path for method, path in served if method == "GET"} <= OURS_TO_SEE
    assert not [path for method, path in served if method != "GET"]


@pytest.mark.parametrize(
    "path", ["/", "/api/doc", "/status/config", "/shutdown", "/ws", "/connections/../wallet/did"]
)
async def test_nothing_else_is_served_either(network: Network, path: str) -> None:
    assert await answered(hr(network), "GET", path) == 404


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "PUT", "DELETE", "PATCH"])
async def test_our_paths_take_no_other_method(network: Network, method: str) -> None:
    assert await answered(hr(network), method, "/passports") == 404


async def test_every_route_of_ours_wants_both_the_key_and_an_assertion(network: Network) -> None:
    assert len(OURS) > 20
    for party, method, path in OURS:
        client = network.client(party)
        assert await answered(client, method, path) == 401
        assert await answered(client, method, path, **{"X-API-Key": "wrong"}) == 401


async def test_a_wrong_key_is_told_the_same_whatever_else_comes_with_it(network: Network) -> None:
    for party, method, path in OURS:
        stranger = replace(network.client(party), api_key="not the key")
        problem = await refused(stranger.call(method, path, {} if method == "POST" else None))

        assert (problem.status, problem.code) == (401, "not_authenticated")


async def raw(client: AgentClient, method: str, path: str, body: bytes, claims: Json) -> tuple[int, Json]:
    """A call whose assertion says `claims`, whatever the call itself is."""
    headers = {
        "X-API-Key": client.api_key,
        "X-Staff-Passport-Assertion": client.portal.assertion(claims),
        "Idempotency-Key": str(uuid4()),
    }
    url = client.base + path
    async with client.session.request(method, url, data=body, headers=headers) as answer:
        content: Json = await answer.json(content_type=None)
        return answer.status, content


async def test_an_assertion_is_used_once(network: Network) -> None:
    claims = hr(network).claims("GET", "/passports", b"")

    assert (await raw(hr(network), "GET", "/passports", b"", claims))[0] == 200
    assert (await raw(hr(network), "GET", "/passports", b"", claims))[0] == 401


async def test_an_assertion_that_was_refused_is_used_too(network: Network) -> None:
    claims = hr(network).claims("GET", "/passports", b"")

    async with suspended(network, hr(network).user):
        status, problem = await raw(hr(network), "GET", "/passports", b"", claims)
    assert (status, problem["code"]) == (403, "user_suspended")

    assert (await raw(hr(network), "GET", "/passports", b"", claims))[0] == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"htu": "/reviews"},
        {"htu": "/passports?limit=2"},
        {"htm": "POST"},
        {"bdh": "another body"},
        {"org": "ZZCB1"},
        {"aud": "urn:staff-passport:agent:ZZCB1"},
        {"exp": int(time.time()) - 30, "iat": int(time.time()) - 60},
        {"exp": int(time.time()) + 3_600},
        {"iat": int(time.time()) + 600, "exp": int(time.time()) + 620},
        {"jti": "short"},
        {"jti": "sixteen characters\x00 and more"},
        {"iss": "another program"},
    ],
    ids="+".join,
)
async def test_an_assertion_for_anything_else_is_refused(network: Network, wrong: Json) -> None:
    claims = hr(network).claims("GET", "/passports", b"") | wrong

    status, problem = await raw(hr(network), "GET", "/passports", b"", claims)

    assert (status, problem["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "org", "iat", "exp", "jti", "auth_time", "acr", "htm", "htu", "bdh"]
)
async def test_an_absent_claim_is_refused(network: Network, name: str) -> None:
    claims = hr(network).claims("GET", "/passports", b"")
    del claims[name]

    assert (await raw(hr(network), "GET", "/passports", b"", claims))[0] == 401


async def test_a_stranger_cannot_sign(network: Network) -> None:
    stranger = PortalKey(network.portal.id, PortalKey.new().private)
    client = AgentClient(
        network.session, hr(network).base, hr(network).api_key, "ZZNM1", stranger, hr(network).user
    )

    assert (await refused(client.get("/passports"))).status == 401


async def test_an_unknown_and_a_suspended_user_may_do_nothing(network: Network) -> None:
    assert (await refused(hr(network, "unknown").get("/passports"))).code == "not_nominated"
    async with suspended(network, hr(network).user):
        assert (await refused(hr(network).get("/passports"))).code == "user_suspended"


async def test_a_user_may_do_only_what_their_role_allows(network: Network) -> None:
    administrator = network.client(NORTHMOOR)

    problem = await refused(
        administrator.post("/passports", {"search": "x", "assignment_number": "90100010"})
    )

    assert (problem.status, problem.code) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/passports", b"{", "body"),
        ("/passports", b"", "body"),
        ("/passports", b"[]", "body"),
        ("/passports", b'{"search": "x"}', "assignment_number"),
        ("/passports", b'{"search": "x", "assignment_number": "12"}', "assignment_number"),
        ("/passports", b'{"search": "x", "assignment_number": "90100010", "claims": {}}', "claims"),
        (
            "/esr/searches",
            b'{"surname": "A", "forenames": "B", "date_of_birth": "1990-02-30"}',
            "date_of_birth",
        ),
        (
            "/esr/searches",
            b'{"surname": "A", "forenames": "B", "date_of_birth": "2020-01-01"}',
            "date_of_birth",
        ),
    ],
)
async def test_a_malformed_body_is_told_field_by_field(
    network: Network, path: str, body: bytes, where: str
) -> None:
    claims = hr(network).claims("POST", path, body)

    status, problem = await raw(hr(network), "POST", path, body, claims)

    assert (status, problem["code"]) == (422, "invalid_input")
    assert where in problem["fields"]


async def test_a_machine_acts_in_its_own_name_as_far_as_its_permissions_go(network: Network) -> None:
    machine = replace(hr(network), portal=ROSTER, user="machine:roster")

    assert "passports" in await machine.get("/passports?limit=1")
    body = json.loads(SOMEBODY_BORN % b"1990-01-01")
    assert (await refused(machine.post("/esr/searches", body))).code == "not_permitted"
    as_a_person = machine.acting_as("ottilie@northmoor.example")
    assert (await refused(as_a_person.get("/passports?limit=1"))).code == "not_authenticated"
    as_a_machine = hr(network).acting_as("machine:roster")
    assert (await refused(as_a_machine.get("/passports?limit=1"))).code == "not_authenticated"


async def test_a_nul_character_is_refused_before_anything_is_done(network: Network) -> None:
    """PostgreSQL keeps none, so it would fail only once the invitation was made."""
    client, body = host(network), b'{"purpose": "Starting\\u0000 work"}'
    before = await acts(network)

    status, problem = await raw(client, "POST", "/reviews", body, client.claims("POST", "/reviews", body))

    assert (status, problem["fields"]) == (422, {"purpose": "has a NUL character"})
    assert await acts(network) == before


async def acts(network: Network) -> int:
    """How much was done, but for reading the audit itself."""
    return sum(entry.action != "search audit" for entry in await audit_entries(network, CALDER_BAY))


@pytest.mark.parametrize("path", ["/passports/a%00b", "/passports/%00/credentials", "/passports/%FF"])
async def test_an_id_that_nothing_can_have_is_not_found(network: Network, path: str) -> None:
    problem = await refused(hr(network).get(path))

    assert (problem.status, problem.code) == (404, "not_found")


async def test_a_nul_in_a_query_is_told_by_its_parameter(network: Network) -> None:
    problem = await refused(host(network).get("/alerts?review=a%00b"))

    assert (problem.status, problem.problem["fields"]) == (422, {"review": "has a NUL character"})


@pytest.mark.parametrize("key", ["short", "a key\twith a tab"])
async def test_an_idempotency_key_that_cannot_be_kept_is_refused(network: Network, key: str) -> None:
    problem = await refused(host(network).post("/reviews", {"purpose": "Starting work"}, key=key))

    assert (problem.status, problem.code) == (422, "invalid_input")


async def test_a_huge_body_is_refused_before_it_is_read(network: Network) -> None:
    body = json.dumps({"purpose": "x" * 2_000_000}).encode()

    status, problem = await raw(
        network.client(CALDER_BAY, "wanjiru"),
        "POST",
        "/reviews",
        body,
        hr(network).claims("POST", "/reviews", body),
    )

    assert (status, problem["code"]) == (413, "body_too_large")


async def test_a_call_that_acts_needs_an_idempotency_key(network: Network) -> None:
    client, body = network.client(CALDER_BAY, "wanjiru"), b'{"purpose": "Starting work"}'
    headers = {
        "X-API-Key": client.api_key,
        "X-Staff-Passport-Assertion": client.portal.assertion(client.claims("POST", "/reviews", body)),
    }

    async with client.session.post(f"{client.base}/reviews", data=body, headers=headers) as answer:
        assert answer.status == 422


async def test_an_unknown_query_parameter_and_a_forged_cursor_are_told(network: Network) -> None:
    assert (await refused(hr(network).get("/passports?order=asc"))).problem["fields"] == {"order": "unknown"}
    assert (await refused(hr(network).get("/passports?cursor=AAAA"))).problem["fields"] == {
        "cursor": "unknown"
    }
    assert (await refused(hr(network).get("/passports?limit=0"))).status == 422
    assert (await refused(hr(network).get("/passports/unknown"))).status == 404


async def test_problems_are_rfc_9457(network: Network) -> None:
    client = hr(network)
    async with client.session.get(
        f"{client.base}/passports", headers={"X-API-Key": client.api_key}
    ) as answer:
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "code", "detail"} <= set(await answer.json(content_type=None))
