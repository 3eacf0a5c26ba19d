"""What an organisation chose for itself counts for its next invitation, and for nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_client import AgentClient, CallFailed
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.support.journey import a_passport, audit_entries, host, hr, refused
from tests.support.local_settings import change, chosen, is_as_at_start

type Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("as_before")
WORDS = {
    "passport_invitation_days": 7,
    "review_invitation_days": 1,
    "usual_types": ["employment", "identity"],
    "usual_wait_hours": 168,
}


@pytest.fixture
async def as_before(network: Network) -> AsyncIterator[None]:
    """Nothing stays chosen that a test chose."""
    yield
    for party in (NORTHMOOR, CALDER_BAY):
        await is_as_at_start(network.client(party))


def second_administrator(network: Network) -> AgentClient:
    return network.client(NORTHMOOR, "second-administrator")


def open_for(invited: Json) -> timedelta:
    ends, begins = invited["invitation_expires_at"], invited["created_at"]
    return datetime.fromisoformat(ends) - datetime.fromisoformat(begins)


async def a_review(client: AgentClient) -> Json:
    return await client.post("/reviews", {"purpose": "Starting work on Ward 4"})


async def test_the_next_invitations_have_the_end_that_was_chosen_and_older_ones_keep_theirs(
    network: Network,
) -> None:
    passport, review = await a_passport(network, "nurse"), await a_review(hr(network))

    changed = await change(network.client(NORTHMOOR), **WORDS)

    next_review, next_passport = await a_review(hr(network)), await a_passport(network, "doctor")
    assert [open_for(each) for each in (next_passport, next_review)] == [
        timedelta(days=7),
        timedelta(days=1),
    ]
    for path, before in (("passports", passport), ("reviews", review)):
        kept = await hr(network).get(f"/{path}/{before['id']}")
        assert kept["invitation_expires_at"] == before["invitation_expires_at"]
        assert open_for(kept) == timedelta(days=3)
    assert chosen(changed) == {**WORDS, "usual_types": ["identity", "employment"]}
    assert changed["changed_by"] == NORTHMOOR.administrator


async def test_what_counts_is_told_to_everybody_with_what_can_be_chosen(network: Network) -> None:
    await change(network.client(NORTHMOOR), review_invitation_days=14)

    told = await hr(network).get("/local-settings")

    assert told["review_invitation_days"] == {"value": 14, "at_start": 3, "least": 1, "most": 14}
    assert told["usual_types"]["possible"] == ["identity", "employment", "employment_checks"]
    assert told["usual_wait_hours"] == {"value": 24, "at_start": 24, "possible": [1, 24, 168]}


async def test_a_change_counts_after_a_restart(network: Network) -> None:
    changed = await change(network.client(CALDER_BAY), review_invitation_days=2)

    process = network.agents[CALDER_BAY.slug].process
    assert process is not None
    process.kill()
    await network.start_agent(CALDER_BAY)

    assert await host(network).get("/local-settings") == changed
    assert open_for(await a_review(host(network))) == timedelta(days=2)


async def test_another_organisations_are_untouched_and_have_what_they_do_alone(network: Network) -> None:
    before = await host(network).get("/local-settings")

    await change(network.client(NORTHMOOR), **WORDS)

    assert await host(network).get("/local-settings") == before
    assert before["passport_invitation_days"] is None
    assert open_for(await a_review(host(network))) == timedelta(days=3)


async def test_of_two_administrators_who_read_the_same_the_second_is_told(network: Network) -> None:
    one, other = network.client(NORTHMOOR), second_administrator(network)
    read = await other.get("/local-settings")
    changed = await change(one, passport_invitation_days=5)

    problem = await refused(
        other.post("/local-settings", {**chosen(read), "usual_wait_hours": 1, "version": read["version"]})
    )

    assert (problem.status, problem.code) == (409, "local_settings_changed")
    assert "Somebody else changed" in problem.problem["detail"]
    assert await other.get("/local-settings") == changed
    assert (await change(other, usual_wait_hours=1))["version"] == changed["version"] + 1


async def test_of_many_who_send_at_once_one_is_heard(network: Network) -> None:
    client = network.client(NORTHMOOR)
    read = await client.get("/local-settings")
    many = [{**chosen(read), "passport_invitation_days": n, "version": read["version"]} for n in range(4, 12)]

    ended = await asyncio.gather(
        *(client.post("/local-settings", each) for each in many), return_exceptions=True
    )

    (heard,) = [each for each in ended if not isinstance(each, BaseException)]
    assert await client.get("/local-settings") == heard
    assert heard["version"] == read["version"] + 1
    told = {each.code for each in ended if isinstance(each, CallFailed)}
    assert told == {"local_settings_changed"}


async def test_the_same_call_made_twice_changes_once(network: Network) -> None:
    client = network.client(NORTHMOOR)
    read = await client.get("/local-settings")
    said = {**chosen(read), "passport_invitation_days": 6, "version": read["version"]}

    answers = [
        await client.call("POST", "/local-settings", said, key=f"twice-{read['version']}") for _ in range(2)
    ]

    assert answers[0] == answers[1] == await client.get("/local-settings")


@pytest.mark.parametrize("user", ["ottilie", "auditor", "director"])
async def test_nobody_but_an_administrator_changes_them(network: Network, user: str) -> None:
    client = network.client(NORTHMOOR, user)
    read = await client.get("/local-settings")

    problem = await refused(
        client.post("/local-settings", {**chosen(read), "usual_wait_hours": 1, "version": read["version"]})
    )

    assert (problem.status, problem.code) == (403, "not_permitted")
    assert await client.get("/local-settings") == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passport_invitation_days", 0),
        ("passport_invitation_days", 15),
        ("passport_invitation_days", None),
        ("passport_invitation_days", 10**30),
        ("review_invitation_days", -1),
        ("review_invitation_days", 2.5),
        ("review_invitation_days", "a week"),
        ("usual_types", []),
        ("usual_types", ["identity", "salary"]),
        ("usual_types", "identity"),
        ("usual_wait_hours", 2),
        ("usual_wait_hours", None),
        ("version", -1),
    ],
)
async def test_what_cannot_be_chosen_is_named_and_changes_nothing(
    network: Network, name: str, value: object
) -> None:
    client = network.client(NORTHMOOR)
    read = await client.get("/local-settings")

    problem = await refused(
        client.post("/local-settings", {**chosen(read), "version": read["version"], name: value})
    )

    assert (problem.status, problem.code) == (422, "invalid_input")
    assert {each.partition(".")[0] for each in problem.problem["fields"]} == {name}
    assert await client.get("/local-settings") == read


async def test_who_makes_no_passports_chooses_nothing_for_them(network: Network) -> None:
    client = network.client(CALDER_BAY)
    read = await client.get("/local-settings")

    problem = await refused(
        client.post(
            "/local-settings", {**chosen(read), "passport_invitation_days": 3, "version": read["version"]}
        )
    )

    assert problem.status == 422
    assert problem.problem["fields"].keys() == {"passport_invitation_days"}


async def test_who_changed_them_and_who_could_not_stands_in_the_audit(network: Network) -> None:
    one, other = network.client(NORTHMOOR), second_administrator(network)
    read = await one.get("/local-settings")
    await change(one, passport_invitation_days=5)
    await refused(other.post("/local-settings", {**chosen(read), "version": read["version"]}))

    told = [
        (each.actor, each.outcome, each.code)
        for each in await audit_entries(network, NORTHMOOR)
        if each.action == "change local settings"
    ]

    assert told[-4:] == [
        (one.user, None, None),
        (one.user, "done", None),
        (other.user, None, None),
        (other.user, "failed", "local_settings_changed"),
    ]
