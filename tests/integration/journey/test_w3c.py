"""W3C credentials end to end: who holds them, what they say, and what keeps a host from believing it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import schemas
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    a_review,
    credentials,
    credentials_in,
    host,
    hr,
    reasons,
    refused,
    registry_down,
    running_otherwise,
    until,
    verdict,
)
from tests.support.network import YOUNG_COPY, an_agent_with

type Json = dict[str, Any]
OTHER = {"reason": "other"}
CHEATING = (sys.executable, "-m", "tests.support.cheating_with_w3c")


@pytest.fixture(scope="module")
async def liar(network: Network) -> Holder:
    """A person with a whole passport, in a wallet that cheats as a request's purpose says."""
    holder = Holder(network, await network.start_wallet("liar", CHEATING))
    await holder.an_active_passport("doctor")
    return holder


@pytest.fixture(scope="module")
async def robin(network: Network) -> Holder:
    """A person with an honest wallet that holds nothing else, whose credentials tests take back."""
    return Holder(network, await network.start_wallet("rowan"))


async def presented(network: Network, holder: Holder, purpose: str = "Starting work", **body: Any) -> Json:
    """The verdict on what `holder` presents in W3C's form."""
    review = await a_review(network, holder.connect, purpose)
    asked = await host(network).post(f"{review}/presentation-requests", body)
    await holder.present("w3c")
    return await verdict(network, asked)


def said(decided: Json) -> tuple[str, list[str]]:
    return decided["verdict"], reasons(decided)


async def test_what_is_accepted_in_one_form_says_the_same_in_the_other(
    network: Network, liar: Holder
) -> None:
    w3c = await presented(network, liar)
    review = await a_review(network, liar.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await liar.present("anoncreds")
    anoncreds = await verdict(network, asked)

    assert w3c["verdict"] == anoncreds["verdict"] == "accepted"
    assert {one["format"] for one in w3c["credentials"]} == {"w3c"}
    assert {one["format"] for one in anoncreds["credentials"]} == {"anoncreds"}
    assert [one["claims"] for one in sorted(w3c["credentials"], key=str)] != []
    by_type = [{one["type"]: one["claims"] for one in each["credentials"]} for each in (w3c, anoncreds)]
    assert by_type[0] == by_type[1]


async def test_a_host_may_ask_for_one_form_alone(network: Network, liar: Holder) -> None:
    decided = await presented(network, liar, types=["identity"], formats=["w3c"])

    assert said(decided) == ("accepted", [])
    assert [one["type"] for one in decided["credentials"]] == ["identity"]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("another-challenge", "wrong_challenge"),
        ("another-domain", "wrong_domain"),
        ("after-signing", "proof_invalid"),
        ("raised-claim", "proof_invalid"),
        ("added-claim", "proof_invalid"),
        ("another-index", "proof_invalid"),
        ("another-subject", "holders_differ"),
        ("another-context", "context_unknown"),
        ("another-meaning", "context_unknown"),
        ("stolen", "presenter_not_subject"),
        ("without-checks", "credential_missing"),
    ],
)
async def test_a_presentation_that_lies_is_refused_by_name(
    network: Network, liar: Holder, how: str, code: str
) -> None:
    decided = await presented(network, liar, how)

    assert decided["verdict"] == "refused"
    assert code in reasons(decided)
    assert decided["credentials"] == []


async def test_a_presentation_that_was_made_before_is_refused(network: Network, liar: Holder) -> None:
    first = await presented(network, liar, "replayed")
    again = await presented(network, liar, "replayed")

    assert first["verdict"] == "accepted"
    assert "wrong_challenge" in reasons(again)


async def test_a_second_subject_is_not_signed_for(network: Network) -> None:
    """Three credentials of one passport are one person's, or they are not issued."""
    two = Holder(network, await network.start_wallet("two-subjects", (*CHEATING, "two-subjects")))
    issued = await two.a_confirmed_passport("two-employers")
    await hr(network).post(f"{issued.path}/offers")

    for offer in sorted(await two.offers(issued), key=lambda one: one["type"] != "StaffIdentityCredential"):
        await two.accept(offer)
        await until(lambda: states(network, issued), lambda found: "active" in found)

    ended = await credentials_in(network, issued, "active", "withdrawn")
    assert {name: (one["state"], one["reason"]) for name, one in ended.items()} == {
        "identity": ("active", None),
        "employment": ("withdrawn", "other_subject"),
        "employment_checks": ("withdrawn", "other_subject"),
    }


async def states(network: Network, issued: Issued) -> set[str]:
    return {one["state"] for one in (await credentials(network, issued)).values()}


# Status


async def test_a_revoked_credential_that_is_presented_is_refused(network: Network, robin: Holder) -> None:
    issued = await robin.an_active_passport("nurse")
    employment = (await credentials(network, issued))["employment"]
    await hr(network).post(f"/credentials/{employment['id']}/revocation", {"reason": "employment_ended"})

    assert said(await presented(network, robin)) == ("refused", ["revoked"])


async def test_a_suspended_credential_counts_again_once_it_is_reinstated(
    network: Network, robin: Holder
) -> None:
    issued = await robin.an_active_passport("nurse")
    path = f"/credentials/{(await credentials(network, issued))['employment']['id']}"

    suspended = await hr(network).post(f"{path}/suspension")
    while_suspended = [await presented(network, robin), await in_anoncreds(network, robin)]
    reinstated = await hr(network).post(f"{path}/reinstatement")

    assert (suspended["suspended"], reinstated["suspended"]) == (True, False)
    assert [said(each) for each in while_suspended] == [("refused", ["suspended"])] * 2
    assert said(await presented(network, robin)) == ("accepted", [])


async def in_anoncreds(network: Network, holder: Holder) -> Json:
    review = await a_review(network, holder.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    await holder.present("anoncreds")
    return await verdict(network, asked)


def status_list(network: Network, purpose: str = "revocation") -> Path:
    """Where the registry keeps Northmoor's list for a purpose."""
    folder = network.folder / "registry" / "data" / "documents" / "organisations" / NORTHMOOR.slug
    return folder / "_status" / f"{purpose}-1.json"


@contextmanager
def published(file: Path, text: str | None) -> Iterator[None]:
    """The registry serves something else for a while, as one that was broken into would; None is nothing."""
    before = file.read_text(encoding="utf-8")
    try:
        file.unlink() if text is None else file.write_text(text, encoding="utf-8")
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def changed(text: str, **members: object) -> str:
    return json.dumps({**json.loads(text), **members})


@pytest.mark.parametrize("how", ["tampered", "another-issuers", "another-list", "gone"])
async def test_a_status_list_that_is_not_the_issuers_own_is_neither_yes_nor_no(
    network: Network, liar: Holder, how: str
) -> None:
    file = status_list(network)
    text = file.read_text(encoding="utf-8")
    served = {
        "tampered": changed(text, validUntil="2030-01-01T00:00:00.000000Z"),
        "another-issuers": changed(text, issuer=network.dids[CALDER_BAY.ods_code]),
        "another-list": status_list(network, "suspension").read_text(encoding="utf-8"),
        "gone": None,
    }

    with published(file, served[how]):
        decided = await presented(network, liar)

    code = "status_list_unavailable" if how == "gone" else "status_list_invalid"
    assert said(decided) == ("unavailable", [code])
    assert said(await presented(network, liar)) == ("accepted", [])


async def test_an_older_status_list_than_one_seen_before_is_neither_yes_nor_no(
    network: Network, liar: Holder, robin: Holder
) -> None:
    file = status_list(network)
    old = file.read_text(encoding="utf-8")
    issued = await robin.an_active_passport("nurse")
    await hr(network).post(f"{issued.path}/deactivation", {"reason": "other"})
    assert said(await presented(network, liar)) == ("accepted", [])

    with published(file, old):
        decided = await presented(network, liar)

    assert said(decided) == ("unavailable", ["status_list_invalid"])


async def test_a_registry_that_is_down_is_neither_yes_nor_no(network: Network, liar: Holder) -> None:
    async with an_agent_with(network, CALDER_BAY, YOUNG_COPY):
        review = await a_review(network, liar.connect)
        asked = await host(network).post(f"{review}/presentation-requests", {})
        await liar.request()

        async with registry_down(network):
            await liar.present("w3c")
            decided = await verdict(network, asked)

    assert said(decided) == ("unavailable", ["status_list_unavailable"])


async def test_a_list_that_its_issuer_does_not_sign_anew_runs_out(network: Network, robin: Holder) -> None:
    await robin.an_active_passport("nurse")

    async with running_otherwise(network, NORTHMOOR, console=erring("lists-run-out")):
        await hr(network).post(f"{(await robin.an_active_passport('bank')).path}/deactivation", OTHER)
        decided = await until(
            lambda: presented(network, robin), lambda found: found["verdict"] == "unavailable"
        )
    assert said(decided) == ("unavailable", ["status_list_expired"])

    await hr(network).post(f"{(await robin.an_active_passport('bank')).path}/deactivation", OTHER)
    assert said(await presented(network, robin)) == ("accepted", [])


async def test_a_credential_beyond_the_end_of_every_list_is_refused(network: Network, robin: Holder) -> None:
    async with running_otherwise(network, NORTHMOOR, console=erring("index-out-of-range")):
        issued = await robin.an_active_passport("nurse")

    assert said(await presented(network, robin)) == ("refused", ["status_entry_unknown"])
    await hr(network).post(f"{issued.path}/deactivation", OTHER)


# Terms


def erring(how: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.support.erring_issuer", how)


@pytest.mark.parametrize(
    ("how", "term"), [("undefined-term", "salary"), ("redefined-term", "VerifiableCredential")]
)
async def test_what_would_lose_its_meaning_is_not_sent_and_the_term_is_named(
    network: Network, robin: Holder, how: str, term: str
) -> None:
    async with running_otherwise(network, NORTHMOOR, console=erring(how)):
        issued = await robin.a_confirmed_passport("nurse")
        problem = await refused(hr(network).post(f"{issued.path}/offers"))

    (refusal,) = problem.problem["refusals"]
    assert (problem.status, refusal["code"]) == (409, "term_without_meaning")
    assert term in refusal["sentence"]
    assert {one["state"] for one in (await credentials(network, issued)).values()} == {"failed"}
    assert await robin.offers(issued, 0) == []


async def test_a_context_that_is_swapped_on_the_registry_changes_nothing(
    network: Network, liar: Holder
) -> None:
    """Ours are pinned: nobody fetches what the terms mean while verifying."""
    name, version = schemas.json_ld.STAFF_CONTEXT
    file = network.folder / "registry" / "data" / "contexts" / name / f"{version}.jsonld"
    swapped = file.read_text(encoding="utf-8").replace("positionTitle", "department")

    with published(file, swapped):
        decided = await presented(network, liar)

    assert said(decided) == ("accepted", [])
