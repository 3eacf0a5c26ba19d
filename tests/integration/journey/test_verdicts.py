"""What a host gets to hear of a presentation that is not as it should be."""

import sys
import time
from typing import Any

import pytest

from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.support.holder import Holder
from tests.support.journey import a_review, credentials, host, hr, paused, reasons, refused, until, verdict

type Json = dict[str, Any]


@pytest.fixture(scope="session")
async def honest(network: Network) -> Holder:
    """A person with a whole passport."""
    holder = Holder(network, await network.start_wallet("honest"))
    await holder.an_active_passport("doctor")
    return holder


async def presented(network: Network, holder: Holder) -> Json:
    """The verdict on what `holder` presents."""
    review = await a_review(network, holder.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await holder.present()
    return await verdict(network, asked)


def authority(*types: str, **until: str) -> Json:
    """What the trust list lets Northmoor issue."""
    return {"may_issue": [{"type": each, "valid_from": "2026-01-01", **until} for each in types]}


EVERY = ("identity", "employment", "employment_checks")


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"dids": []}, ["issuer_unknown", "issuer_not_trusted_for_type"]),
        (authority(*EVERY, valid_until="2026-01-31"), ["issuer_not_trusted_for_type"]),
        (authority("identity", "employment"), ["issuer_not_trusted_for_type"]),
    ],
)
async def test_an_issuer_is_trusted_for_what_the_list_says_and_no_more(
    trust: Network, honest: Holder, changed: Json, codes: list[str]
) -> None:
    await trust_list.change(trust, NORTHMOOR.ods_code, changed)

    decided = await presented(trust, honest)

    assert decided["verdict"] == "refused"
    assert reasons(decided) == codes
    assert decided["credentials"] == []


async def test_a_trust_list_that_cannot_be_read_is_neither_yes_nor_no(trust: Network, honest: Holder) -> None:
    review = await a_review(trust, honest.connect)
    asked = await host(trust).post(f"{review}/presentation-requests", {})
    await honest.request()
    timestamp = trust.folder / "registry/data/trust-list/metadata/timestamp.json"
    before = timestamp.read_bytes()
    timestamp.write_text("{", encoding="utf-8")
    try:
        await honest.present()
        decided = await verdict(trust, asked)
    finally:
        timestamp.write_bytes(before)

    assert (decided["verdict"], reasons(decided)) == ("unavailable", ["trust_list_refused"])


async def test_a_host_that_is_not_registered_asks_for_nothing(trust: Network, honest: Holder) -> None:
    review = await a_review(trust, honest.connect)
    await trust_list.change(trust, CALDER_BAY.ods_code, {"dids": []})

    problem = await refused(host(trust).post(f"{review}/presentation-requests", {}))

    assert {refusal["code"] for refusal in problem.problem["refusals"]} == {"asker_not_trusted"}


async def test_a_wallet_that_never_answers_is_unavailable(network: Network, honest: Holder) -> None:
    review = await a_review(network, honest.connect)

    asked = await host(network).post(f"{review}/presentation-requests", {"answer_within_seconds": 1})
    decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("unavailable", ["no_answer"])


async def cheat(network: Network, how: str) -> Holder:
    """A person with a whole passport, in a wallet that cheats."""
    console = (sys.executable, "-m", "tests.support.malicious_wallet", how)
    return Holder(network, await network.start_wallet(f"cheat-{how}", console))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("promoted", "proof_invalid"),
        ("promoted-with-its-encoding", "proof_invalid"),
        ("without-checks", "proof_invalid"),
    ],
)
async def test_a_presentation_that_was_tampered_with_is_refused(
    network: Network, how: str, code: str
) -> None:
    liar = await cheat(network, how)
    await liar.an_active_passport("right-to-work-limited")

    decided = await presented(network, liar)

    assert decided["verdict"] == "refused"
    assert reasons(decided)[0] == code
    assert decided["credentials"] == []


async def test_a_presentation_that_was_made_for_another_request_is_refused(network: Network) -> None:
    liar = await cheat(network, "replayed")
    await liar.an_active_passport("last-day")
    first = await presented(network, liar)

    again = await presented(network, liar)

    assert first["verdict"] == "accepted"
    assert again["verdict"] == "refused"
    assert reasons(again)[0] == "proof_invalid"


async def test_a_proof_against_the_status_list_from_before_the_revocation_is_refused(
    network: Network,
) -> None:
    liar = await cheat(network, "older-status")
    issued = await liar.an_active_passport("two-employers")
    for credential in (await credentials(network, issued)).values():
        path = f"/credentials/{credential['id']}/revocation"
        await hr(network).post(path, {"reason": "employment_ended"})

    decided = await presented(network, liar)

    assert decided["verdict"] == "refused"
    assert reasons(decided) == ["status_not_proven", "revoked"]


async def test_a_registry_that_is_down_while_judging_is_neither_yes_nor_no(
    network: Network, honest: Holder
) -> None:
    review = await a_review(network, honest.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    assert network.registry is not None

    with paused(network.agents[CALDER_BAY.slug].process):
        await honest.present()
        await network.registry.stop()
    try:
        decided = await verdict(network, asked)
    finally:
        await network.start_registry()

    assert (decided["verdict"], reasons(decided)) == ("unavailable", ["registry_unavailable"])
    assert (await presented(network, honest))["verdict"] == "accepted"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("stray-identifier", "proof_invalid"),
        ("unasked-claim", "proof_invalid"),
        ("more-than-a-claim", "proof_invalid"),
        ("another-schema", "proof_invalid"),
        ("another-registry", "proof_invalid"),
    ],
)
async def test_a_presentation_of_another_form_than_was_asked_is_refused(
    network: Network, how: str, code: str
) -> None:
    liar = await cheat(network, how)
    await liar.an_active_passport("right-to-work-limited")

    decided = await presented(network, liar)

    assert decided["verdict"] == "refused"
    assert reasons(decided)[0] == code
    written = host_log(network)
    assert "Glencroft" not in written
    assert "raw:" not in written  # how the native library tells a claim


async def test_what_comes_after_the_verdict_changes_nothing_that_was_accepted(network: Network) -> None:
    liar = await cheat(network, "after-the-verdict")
    await liar.an_active_passport("right-to-work-limited")
    accepted = await presented(network, liar)
    told = [one["claims"] for one in accepted["credentials"]]

    await presented(network, liar)  # by then the forged one has come, over the same transport
    again = await host(network).get(f"/presentation-requests/{accepted['id']}")

    assert accepted["verdict"] == again["verdict"] == "accepted"
    assert told
    assert [one["claims"] for one in again["credentials"]] == told


async def test_a_revocation_between_request_and_answer_asks_for_another_try(network: Network) -> None:
    slow = await cheat(network, "remembered-status")
    issued = await slow.an_active_passport("right-to-work-limited")
    review = await a_review(network, slow.connect)
    await slow.wallet.get("/wallet/credentials")  # it remembers the lists as they are now
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await slow.request()
    await a_later_second_than(time.time())

    employment = (await credentials(network, issued))["employment"]
    await hr(network).post(f"/credentials/{employment['id']}/revocation", {"reason": "superseded"})
    await slow.present()
    decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("unavailable", ["status_moved"])


def host_log(network: Network) -> str:
    """All that the host's agent has written."""
    return (network.folder / CALDER_BAY.slug / "agent.log").read_text(encoding="utf-8")


async def a_later_second_than(then: float) -> None:
    """Status lists are dated by the second: what comes within one counts as there when it was asked."""

    async def now() -> int:
        return int(time.time())

    await until(now, lambda found: found > int(then))
