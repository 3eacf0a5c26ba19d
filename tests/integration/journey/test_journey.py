"""The journey with our own wallet, through the agents' API."""

import asyncio
from uuid import uuid4

from agent.audit.chain import first_break
from agent_client import CallFailed
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import (
    ALL_TYPES,
    a_passport,
    a_review,
    audit_entries,
    credentials,
    credentials_in,
    host,
    hr,
    reasons,
    refused,
    search,
    until,
    verdict,
)


async def test_hr_chooses_among_assignments_and_nothing_is_chosen_for_them(
    network: Network,
) -> None:
    match = await search(network, "doctor")

    assert [(one["number"], one["primary"]) for one in match["assignments"]] == [
        ("90100011", True),
        ("90100011-2", False),
    ]
    assert "ni_number" not in match["person"]
    passport = await a_passport(network, "doctor", number="90100011-2")
    assert (passport["assignment_number"], passport["state"]) == ("90100011-2", "invited")


async def test_the_invitation_is_a_link_and_a_qr_code_of_it(network: Network) -> None:
    passport = await a_passport(network, "right-to-work-limited")

    invitation = await hr(network).get(f"/passports/{passport['id']}/invitation")

    assert "oob=" in invitation["url"]
    assert invitation["qr_svg"].startswith("<svg")


async def test_a_person_accepts_two_declines_one_and_is_offered_it_again(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("twin-one")
    await hr(network).post(f"{issued.path}/offers")
    offers = {offer["type"]: offer for offer in await robin.offers(issued)}

    await robin.decline(offers.pop("EmploymentCredential"), "incorrect", "I am on another ward")
    for offer in offers.values():
        await robin.accept(offer)
    settled = await credentials_in(network, issued, "active", "rejected")

    declined = settled["employment"]
    assert (declined["state"], declined["reason"]) == ("rejected", "incorrect")
    assert declined["comment"] == "I am on another ward"
    assert (await hr(network).get(issued.path))["state"] == "active"
    await hr(network).post(f"{issued.path}/offers")
    (again,) = await robin.offers(issued, 1)
    await robin.accept(again)
    assert list(await credentials_in(network, issued, "active")) == [*ALL_TYPES]


async def test_what_a_person_writes_is_kept_without_the_characters_that_cannot_be(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("bank")
    await hr(network).post(f"{issued.path}/offers")

    for offer in await robin.offers(issued):
        await robin.decline(offer, "other", "Not\x00 now")
    declined = await credentials_in(network, issued, "rejected")

    assert {(one["reason"], one["comment"]) for one in declined.values()} == {("other", "Not now")}


async def test_a_presentation_is_accepted_with_its_provenance_and_not_after_revocation(
    network: Network,
) -> None:
    amara = Holder(network, await network.start_wallet("amara-fennwick"))
    issued = await amara.an_active_passport("nurse")
    review = await a_review(network, amara.connect)

    asked = await host(network).post(f"{review}/presentation-requests", {})
    await amara.present()
    accepted = await verdict(network, asked)

    assert (accepted["verdict"], reasons(accepted)) == ("accepted", [])
    assert [shown["type"] for shown in accepted["credentials"]] == ALL_TYPES
    employment = accepted["credentials"][1]["claims"]
    assert list(employment)[:3] == ["employer", "odsCode", "vpd"]
    assert (employment["origin"], employment["pedigree"]) == ("ESR", "Authoritative")
    assert all(shown["issuer"] == network.dids["ZZNM1"] for shown in accepted["credentials"])

    employment_credential = (await credentials(network, issued))["employment"]
    body = {"reason": "employment_ended"}
    revoked = await hr(network).post(f"/credentials/{employment_credential['id']}/revocation", body)
    assert revoked["state"] == "revoked"

    asked = await host(network).post(f"{review}/presentation-requests", {"answer_within_seconds": 2})
    request = await amara.request()
    assert (await verdict(network, asked))["verdict"] == "unavailable"
    path = f"/wallet/requests/{request['id']}"
    await until(lambda: amara.wallet.get(path), lambda found: found["state"] == "abandoned")

    asked = await host(network).post(f"{review}/presentation-requests", {})
    await amara.refuse_to_present()
    declined = await verdict(network, asked)
    assert (declined["verdict"], reasons(declined)) == ("declined", ["declined_by_holder"])

    ended = await hr(network).post(f"{issued.path}/deactivation", body)
    assert ended["state"] == "deactivated"
    assert {one["state"] for one in (await credentials(network, issued)).values()} == {"revoked"}


async def test_a_call_that_comes_twice_is_done_once(network: Network, wallet: WalletClient) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("two-employers")
    key = str(uuid4())

    first = await hr(network).post(f"{issued.path}/offers", key=key)
    second = await hr(network).post(f"{issued.path}/offers", key=key)

    assert first == second
    assert len(await robin.offers(issued)) == 3
    another = await refused(hr(network).post(f"{issued.path}/deactivation", {"reason": "other"}, key=key))
    assert (another.status, another.code) == (422, "idempotency_key_reused")


async def test_two_people_who_offer_at_once_make_three_offers_and_not_six(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("bank")
    path = f"{issued.path}/offers"

    answers = await asyncio.gather(
        hr(network).post(path), hr(network, "kofi").post(path), return_exceptions=True
    )
    await hr(network).post(path)

    problems = [answer.code for answer in answers if isinstance(answer, CallFailed)]
    assert set(problems) <= {"offer_in_progress"}
    assert len(await robin.offers(issued)) == 3
    assert len((await hr(network).get(f"{issued.path}/credentials"))["credentials"]) == 3


async def test_lists_go_on_where_a_page_ends(network: Network) -> None:
    first = await hr(network).get("/passports?limit=1")
    second = await hr(network).get(f"/passports?limit=1&cursor={first['next']}")
    everything = await hr(network).get("/passports?limit=200")

    shown = [page["passports"][0]["id"] for page in (first, second)]
    assert shown == [passport["id"] for passport in everything["passports"][:2]]
    of_state = await hr(network).get("/passports?state=invited")
    assert {passport["state"] for passport in of_state["passports"]} == {"invited"}


async def test_a_passports_credentials_and_a_chains_entries_are_paged_and_filtered(
    network: Network, wallet: WalletClient
) -> None:
    issued = await Holder(network, wallet).a_confirmed_passport("twin-two")
    offered = (await hr(network).post(f"{issued.path}/offers"))["credentials"]
    path = f"{issued.path}/credentials"

    first = await hr(network).get(f"{path}?limit=2")
    second = await hr(network).get(f"{path}?limit=2&cursor={first['next']}")
    employment = await hr(network).get(f"{path}?type=employment&state=pending")
    entries = await network.client(NORTHMOOR).get("/audit/entries?action=create+passport&limit=500")

    assert [*first["credentials"], *second["credentials"]] == offered
    assert second["next"] is None
    assert [one["type"] for one in employment["credentials"]] == ["employment"]
    assert (await refused(hr(network).get(f"{path}?state=gone"))).problem["fields"].keys() == {"state"}
    assert {entry["action"] for entry in entries["entries"]} == {"create passport"}


async def test_every_audit_chain_holds_and_every_intent_has_an_outcome(
    network: Network,
) -> None:
    for party in (OPERATOR, NORTHMOOR, CALDER_BAY):
        entries = await audit_entries(network, party)

        assert first_break(entries) is None
        intents = {entry.intent for entry in entries if entry.phase == "intent"}
        outcomes = [entry.intent for entry in entries if entry.phase == "outcome"]
        assert sorted(intents) == sorted(outcomes)
        assert all(entry.actor for entry in entries)
