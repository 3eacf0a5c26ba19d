"""The journey with a wallet that is not ours: stock Credo-TS, which Bifold and the BC Wallet are built on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from tests.interop.credo.client import CredoWallet, WalletFailed
from tests.interop.stock_phone import a_confirmed_passport, a_phone_on, given, offers, the_request
from tests.support.journey import (
    ALL_TYPES,
    Issued,
    a_connected_passport,
    a_review,
    change_did,
    credentials,
    credentials_in,
    host,
    hr,
    reasons,
    running_otherwise,
    verdict,
)

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A phone that holds the three credentials of a passport."""

    phone: CredoWallet
    issued: Issued


@pytest.fixture(scope="module")
async def phone(network: Network) -> AsyncIterator[CredoWallet]:
    async with a_phone_on(network) as started:
        yield started


@pytest.fixture(scope="module")
async def held(network: Network, phone: CredoWallet) -> Held:
    """The first half of the journey: one scan, one code typed back, three credentials accepted."""
    return Held(phone, await given(network, phone, "nurse"))


async def end(network: Network, issued: Issued) -> None:
    """Leave nothing valid of this passport in the phone that the other tests share."""
    await hr(network).post(f"{issued.path}/deactivation", {"reason": "other"})


async def test_after_one_scan_the_phone_holds_all_three_credentials(network: Network, held: Held) -> None:
    active = await credentials(network, held.issued)

    assert list(active) == ALL_TYPES
    assert (await hr(network).get(held.issued.path))["confirmation"] == "one_time_code"
    stored = [one for one in await held.phone.credentials() if one.attributes.get("origin") == "ESR"]
    assert len(stored) >= 3
    assert all(one.revocation_registry_id for one in stored)


async def test_a_wrong_code_is_counted_and_told_to_the_person(network: Network, phone: CredoWallet) -> None:
    issued = await a_connected_passport(network, "bank", phone.connect)
    code = (await hr(network).post(f"{issued.path}/one-time-code"))["code"]
    wrong = f"{(int(code) + 1) % 10**8:08}"

    await phone.send_message(issued.connection, "Hello, is this the right place?")
    await phone.send_message(issued.connection, wrong)
    told = await phone.wait_for("message", state="receiver", where=lambda e: "wrong" in (e.content or ""))

    assert told.content == "This code is wrong; 4 more tries."
    assert (await hr(network).get(issued.path))["wrong_codes"] == 1


async def test_one_presentation_of_all_three_is_accepted(network: Network, held: Held) -> None:
    review = await a_review(network, held.phone.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})

    request = await the_request(held.phone)
    await held.phone.present(request.id)
    decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])
    assert [shown["type"] for shown in decided["credentials"]] == ALL_TYPES
    assert decided["credentials"][0]["claims"]["legalSurname"] == "Fennwick"
    assert request.non_revoked is not None
    assert request.non_revoked["from"] == request.non_revoked["to"]


async def test_a_phone_answers_also_a_host_that_says_who_it_is_in_words_that_it_does_not_know(
    network: Network, held: Held
) -> None:
    review = await a_review(network, held.phone.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})

    request = await the_request(held.phone)
    await held.phone.present(request.id)

    assert request.host is not None
    assert request.host["issuer"] == network.dids[CALDER_BAY.ods_code]
    assert (await verdict(network, asked))["verdict"] == "accepted"


async def test_after_rotations_of_keys_the_phone_still_proves_what_it_holds(
    network: Network, held: Held
) -> None:
    """Of update keys, each announced by the one before, and of those that sign; the phone's copy of the
    document has none of them, and a status list is published after.
    """
    async with running_otherwise(network, NORTHMOOR, registry={"new_keys_sign_after": 600}):
        for kind in ("rotate_update_keys", "rotate_assertion_keys", "rotate_update_keys"):
            await change_did(network, NORTHMOOR, kind)
        another = await given(network, held.phone, "changed-surname")
        await end(network, another)
        await credentials_in(network, another, "revoked")

        review = await a_review(network, held.phone.connect)
        asked = await host(network).post(f"{review}/presentation-requests", {})
        request = await the_request(held.phone)
        await held.phone.present(request.id)
        decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("accepted", [])
    assert request.non_revoked is not None


async def test_a_person_declines_a_presentation(network: Network, held: Held) -> None:
    review = await a_review(network, held.phone.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})

    await held.phone.decline_request((await the_request(held.phone)).id, "I do not work there")
    decided = await verdict(network, asked)

    assert (decided["verdict"], reasons(decided)) == ("declined", ["declined_by_holder"])
    assert decided["credentials"] == []


async def test_a_person_declines_one_credential_and_keeps_the_others(
    network: Network, phone: CredoWallet
) -> None:
    issued = await a_confirmed_passport(network, "accents", phone)
    await hr(network).post(f"{issued.path}/offers")
    identity, *others = sorted(
        await offers(phone, issued), key=lambda offer: "legalSurname" in offer.attributes, reverse=True
    )

    await phone.decline_offer(identity.id, "My first name is spelt differently")
    for offer in others:
        await phone.accept_offer(offer.id)
    settled = await credentials_in(network, issued, "active", "rejected")

    assert {name: one["state"] for name, one in settled.items()} == {
        "identity": "rejected",
        "employment": "active",
        "employment_checks": "active",
    }
    assert (settled["identity"]["reason"], settled["identity"]["comment"]) == (
        "other",
        "My first name is spelt differently",
    )
    await end(network, issued)


async def test_a_phone_that_does_not_answer_leaves_every_offer_pending(
    network: Network, phone: CredoWallet
) -> None:
    issued = await a_confirmed_passport(network, "changed-surname", phone)

    await hr(network).post(f"{issued.path}/offers")
    await offers(phone, issued)

    assert {one["state"] for one in (await credentials(network, issued)).values()} == {"pending"}


async def test_each_credential_can_be_revoked_by_itself(network: Network, phone: CredoWallet) -> None:
    issued = await a_confirmed_passport(network, "two-employers", phone)
    await hr(network).post(f"{issued.path}/offers")
    for offer in await offers(phone, issued):
        await phone.accept_offer(offer.id)
    held = await credentials_in(network, issued, "active")

    body = {"reason": "superseded"}
    await hr(network).post(f"/credentials/{held['employment']['id']}/revocation", body)

    assert {name: one["state"] for name, one in (await credentials(network, issued)).items()} == {
        "identity": "active",
        "employment": "revoked",
        "employment_checks": "active",
    }
    await end(network, issued)


async def test_a_host_that_asks_after_revocation_does_not_accept(network: Network, held: Held) -> None:
    """Runs last: it revokes what the tests above present.

    A list of revocations holds from a full second on, which comes a little later when several were revoked
    just now. Until then a wallet proves what was, and the host sees that a newer list is there.
    """
    review = await a_review(network, held.phone.connect)
    await hr(network).post(f"{held.issued.path}/deactivation", {"reason": "employment_ended"})

    answered = await asked_once_more(network, held, review)
    while answered["presented"]:
        assert (answered["verdict"], reasons(answered)) == ("unavailable", ["status_moved"])
        answered = await asked_once_more(network, held, review)

    assert (answered["verdict"], reasons(answered)) == ("unavailable", ["no_answer"])


async def asked_once_more(network: Network, held: Held, review: str) -> Json:
    """The verdict on what the phone answers, and whether it presented anything."""
    asked = await host(network).post(f"{review}/presentation-requests", {"answer_within_seconds": 5})
    request = await the_request(held.phone)
    presented = await presents(held.phone, request.id)
    return await verdict(network, asked) | {"presented": presented}


async def presents(phone: CredoWallet, request: str) -> bool:
    """Whether the phone has something to present."""
    try:
        await phone.present(request)
    except WalletFailed as nothing:
        if nothing.code != "no_credentials":
            raise
        return False
    return True
