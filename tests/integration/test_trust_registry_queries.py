"""TRQP v2 over HTTP: the registry answers single questions out of the list that the operator published."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from signed_documents.trust_lists import Authority, Successor, Suspension, TrustListing
from tests.support.registry_server import RegistryServer, a_registry, write_token
from tests.support.signing import Clock
from tests.support.trqp import AUTHORIZATION, PROBLEM, QUERY, RECOGNITION, conforms
from tests.support.trust import NORTHMOOR, NOW, OPERATOR, TrustListOperator, a_listing, an_entry

CALDER_BAY = "did:webvh:QmCalder:registry.staff-passport.example:organisations:calder-bay"
OLD_NORTHMOOR = "did:webvh:QmNorthmoor:old.staff-passport.example:organisations:northmoor"
STRANGER = "did:webvh:QmStranger:elsewhere.example:organisations:stranger"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def registry(tmp_path: Path, clock: Clock) -> AsyncIterator[RegistryServer]:
    async with a_registry(tmp_path, clock=clock) as server:
        yield server


@pytest.fixture
async def client(registry: RegistryServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(registry.url) as session:
        yield session


@pytest.fixture
def operator() -> TrustListOperator:
    return TrustListOperator()


async def publish(client: aiohttp.ClientSession, operator: TrustListOperator, listing: TrustListing) -> None:
    publication = await operator.publication(listing)
    token = {"Authorization": f"Bearer {write_token('operator')}"}
    assert (await client.put("/trust-list", data=publication.encoded(), headers=token)).status in {200, 201}


def asked(**changed: Any) -> dict[str, Any]:
    query = {
        "entity_id": NORTHMOOR,
        "authority_id": OPERATOR,
        "action": "issue",
        "resource": "employment",
    }
    return {name: value for name, value in {**query, **changed}.items() if value is not ...}


async def authorized(client: aiohttp.ClientSession, **changed: Any) -> bool:
    answer = await client.post("/authorization", json=asked(**changed))
    body = await answer.json()
    assert answer.status == 200, body
    assert answer.headers["Cache-Control"] == "no-store"
    assert conforms(body, AUTHORIZATION)
    verdict: bool = body["authorized"]
    return verdict


async def recognized(client: aiohttp.ClientSession, **changed: Any) -> bool:
    answer = await client.post("/recognition", json=asked(**changed))
    body = await answer.json()
    assert answer.status == 200, body
    assert conforms(body, RECOGNITION)
    verdict: bool = body["recognized"]
    return verdict


async def problem(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = await answer.json()
    assert conforms(body, PROBLEM)
    assert body["status"] == answer.status
    return answer.status, body["code"]


async def test_an_answer_repeats_the_question_and_says_when_it_was_judged(
    client: aiohttp.ClientSession, operator: TrustListOperator, clock: Clock
) -> None:
    await publish(client, operator, a_listing())
    query = asked(context={"time": "2026-06-19T11:30:00Z", "purpose": "onboarding"})
    assert conforms(query, QUERY)

    answer = await client.post("/authorization", json=query)

    assert await answer.json() == {
        **query,
        "authorized": True,
        "time_requested": "2026-06-19T11:30:00Z",
        "time_evaluated": clock().replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "message": "Northmoor Teaching Hospitals may issue employment on 2026-06-19.",
    }


async def test_whoever_is_listed_may_do_what_the_list_says_and_nothing_else(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    employment = (Authority(type="employment", valid_from=date(2026, 1, 1)),)
    entry = an_entry(may_issue=employment, may_ask=(), dids=(OLD_NORTHMOOR, NORTHMOOR))
    await publish(client, operator, a_listing(entry))

    assert await authorized(client)
    assert await authorized(client, entity_id=OLD_NORTHMOOR)
    assert not await authorized(client, resource="identity")
    assert not await authorized(client, resource="a-type-that-nobody-knows")
    assert not await authorized(client, action="request")
    assert not await authorized(client, entity_id=STRANGER)
    assert not await authorized(client, entity_id=NORTHMOOR.upper())
    assert not await authorized(client, entity_id=f"{NORTHMOOR}#key-2018")


async def test_time_is_the_time_that_was_asked_for(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    authority = Authority(type="employment", valid_from=date(2026, 3, 1), valid_until=date(2026, 6, 30))
    suspension = Suspension(
        since=datetime(2026, 4, 1, 9, tzinfo=UTC), until=datetime(2026, 4, 2, 9, tzinfo=UTC)
    )
    await publish(client, operator, a_listing(an_entry(may_issue=(authority,), suspensions=(suspension,))))

    async def at(time: str) -> bool:
        return await authorized(client, context={"time": time})

    assert not await at("2026-02-28T23:59:59Z")
    assert await at("2026-03-01T00:00:00Z")
    assert await at("2026-04-01T08:59:59.999Z")
    assert not await at("2026-04-01T09:00:00Z")
    assert not await at("2026-04-02T08:59:59Z")
    assert await at("2026-04-02T09:00:00Z")
    assert await at("2026-06-30T22:59:59Z")
    assert not await at("2026-06-30T23:00:00Z"), "in London it is the first of July"
    assert not await authorized(client, context={"time": ""}), "blank is now, which is later"


async def test_a_suspended_organisation_may_do_nothing_from_then_on(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    await publish(client, operator, a_listing())
    assert await authorized(client)

    suspended = an_entry(suspensions=(Suspension(since=NOW - timedelta(minutes=1)),))
    await publish(client, operator, a_listing(suspended))

    assert not await authorized(client)
    assert not await recognized(client)
    assert await authorized(client, context={"time": "2026-06-01T09:00:00Z"})


async def test_an_organisation_with_a_successor_may_do_nothing_more(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    ended = NOW.date() - timedelta(days=1)
    successor = Successor(ods_code="ZZCB1", on=ended, credentials_until=ended + timedelta(days=90))
    await publish(client, operator, a_listing(an_entry(successor=successor)))

    assert not await authorized(client)


async def test_authorities_are_the_operator_over_the_list_and_employers_in_what_they_issue(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    asks_alone = an_entry(ods_code="ZZCB1", name="Calder Bay", dids=(CALDER_BAY,), may_issue=())
    await publish(client, operator, a_listing(an_entry(), asks_alone))
    govern = {"action": "govern", "resource": "trust-list"}

    assert await recognized(client)
    assert not await recognized(client, entity_id=CALDER_BAY)
    assert not await recognized(client, entity_id=STRANGER)
    assert await recognized(client, entity_id=OPERATOR, **govern)
    assert not await recognized(client, entity_id=NORTHMOOR, **govern)
    assert not await recognized(client, entity_id=OPERATOR)
    assert await problem(await client.post("/recognition", json=asked(action="request"))) == (
        404,
        "unknown_action",
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"authority_id": STRANGER}, "unknown_authority"),
        ({"action": "govern"}, "unknown_action"),
        ({"action": "ISSUE"}, "unknown_action"),
    ],
)
async def test_what_the_list_has_nothing_to_say_of_is_not_found(
    client: aiohttp.ClientSession, operator: TrustListOperator, changed: dict[str, Any], code: str
) -> None:
    await publish(client, operator, a_listing())

    assert await problem(await client.post("/authorization", json=asked(**changed))) == (404, code)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        "null",
        '"text"',
        "{}",
        "{" * 5000,
        "[" * 16_000,
        '{"entity_id": "\\ud800"}',
        json.dumps(asked(entity_id=...)),
        json.dumps(asked(authority_id=...)),
        json.dumps(asked(action=...)),
        json.dumps(asked(resource=...)),
        json.dumps(asked(resource="")),
        json.dumps(asked(resource="two words")),
        json.dumps(asked(entity_id=7)),
        json.dumps(asked(entity_id=None)),
        json.dumps(asked(entity_id=[NORTHMOOR])),
        json.dumps(asked(entity_id=f"{NORTHMOOR}\n")),
        json.dumps(asked(entity_id="did:webvh:ünknown")),
        json.dumps(asked(entity_id="d" * 501)),
        json.dumps(asked(context=None)),
        json.dumps(asked(context=[])),
        json.dumps(asked(context={"time": 7})),
        json.dumps(asked(context={"time": None})),
        json.dumps(asked(context={"time": "yesterday"})),
        json.dumps(asked(context={"time": "2026-06-19"})),
        json.dumps(asked(context={"time": "2026-06-19T11:30:00"})),
        json.dumps(asked(context={"time": "2026-06-19T11:30:00+01:00"})),
        json.dumps(asked(context={"time": "2026-06-19T11:30:00+00:00"})),
        json.dumps(asked(context={"time": "2026-06-19 11:30:00Z"})),
        json.dumps(asked(context={"time": "2026-02-30T11:30:00Z"})),
        json.dumps(asked(context={"time": "2026-06-19T25:30:00Z"})),
        json.dumps(asked(context={"time": "٢٠٢٦-06-19T11:30:00Z"})),
        json.dumps(asked(context={str(each): "x" for each in range(21)})),
    ],
)
@pytest.mark.parametrize("path", ["/authorization", "/recognition"])
async def test_what_is_no_query_is_refused(client: aiohttp.ClientSession, path: str, body: str) -> None:
    answer = await client.post(path, data=body, headers={"Content-Type": "application/json"})

    assert await problem(answer) == (400, "malformed")


async def test_every_member_that_is_wrong_is_named(client: aiohttp.ClientSession) -> None:
    answer = await client.post("/authorization", json=asked(entity_id=7, action=...))

    detail = (await answer.json())["detail"]
    assert "entity_id" in detail
    assert "action" in detail


async def test_a_query_that_is_too_large_is_refused(client: aiohttp.ClientSession) -> None:
    answer = await client.post("/authorization", json=asked(padding="x" * 20_000))

    assert await problem(answer) == (413, "too_large")


async def test_a_query_says_that_it_is_json(client: aiohttp.ClientSession) -> None:
    answer = await client.post("/authorization", data=json.dumps(asked()))

    assert await problem(answer) == (415, "not_json")
    assert (await client.get("/authorization")).status == 405


async def test_members_that_the_protocol_does_not_have_are_left_aside(
    client: aiohttp.ClientSession, operator: TrustListOperator
) -> None:
    await publish(client, operator, a_listing())

    answer = await client.post("/authorization", json=asked(profile="another"))

    assert "profile" not in await answer.json()


async def test_without_a_list_nobody_can_say(client: aiohttp.ClientSession) -> None:
    answer = await client.post("/authorization", json=asked())

    assert await problem(answer) == (503, "trust_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_past_its_expiry_the_list_says_nothing_more(
    client: aiohttp.ClientSession, operator: TrustListOperator, clock: Clock
) -> None:
    await publish(client, operator, a_listing())
    assert await authorized(client)

    clock.pass_time(timedelta(days=1, minutes=1))

    answer = await client.post("/authorization", json=asked())
    assert await problem(answer) == (503, "trust_unavailable")


async def test_a_list_whose_files_are_lost_is_none(
    client: aiohttp.ClientSession, operator: TrustListOperator, registry: RegistryServer
) -> None:
    await publish(client, operator, a_listing())
    for file in (registry.data / "trust-list" / "targets").iterdir():
        file.unlink()

    assert (await client.post("/authorization", json=asked())).status == 503


async def test_a_request_keeps_the_name_that_the_asker_gave_to_it(client: aiohttp.ClientSession) -> None:
    name = "d4f34c12-9b7a-4e3a-a5d1-7e4f8c2c9f10"
    named = await client.post("/authorization", json=asked(), headers={"X-Request-ID": name})
    strange = await client.post("/authorization", json=asked(), headers={"X-Request-ID": "<b>"})

    assert named.headers["X-Request-ID"] == name
    assert "X-Request-ID" not in strange.headers


async def test_a_question_reads_no_file_again(
    client: aiohttp.ClientSession, operator: TrustListOperator, registry: RegistryServer
) -> None:
    await publish(client, operator, a_listing())
    assert await authorized(client)

    for file in (registry.data / "trust-list" / "targets").iterdir():
        file.unlink()

    assert await authorized(client)
