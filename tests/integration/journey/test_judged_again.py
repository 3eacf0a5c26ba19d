"""Between the offer and its acceptance, the world may change: everything is judged again."""

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    as_owner,
    credentials,
    credentials_in,
    hr,
    in_roles,
    paused,
    refused,
    suspended,
    until,
)

OTTILIE = "ottilie@northmoor.example"
ROLE = "/people/901/90100001/roles/Digital%20Passport%20Administrator"


async def offered(network: Network, wallet: WalletClient, key: str) -> tuple[Holder, Issued]:
    """A person with three offers before them."""
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport(key)
    await hr(network).post(f"{issued.path}/offers")
    return robin, issued


async def all_withdrawn(network: Network, robin: Holder, issued: Issued) -> None:
    """The person accepts, and everything that they were offered is withdrawn, as another of HR sees."""
    for offer in await robin.offers(issued):
        await robin.accept(offer)

    async def states() -> set[str]:
        answer = await hr(network, "kofi").get(f"{issued.path}/credentials")
        return {credential["state"] for credential in answer["credentials"]}

    await until(states, lambda found: found == {"withdrawn"})


async def accepted_and_withdrawn(network: Network, robin: Holder, issued: Issued) -> set[str]:
    """Why each offer was withdrawn when the person accepted it, as HR and the wallet are both told."""
    for offer in await robin.offers(issued):
        await robin.accept(offer)
    found = await credentials_in(network, issued, "withdrawn")
    why = {str(credential["reason"]) for credential in found.values()}
    told = await told_by_the_issuer(robin, issued)
    first = {codes.partition(",")[0] for codes in why}
    assert all(any(code in sentence for code in first) for sentence in told)
    return why


async def told_by_the_issuer(robin: Holder, issued: Issued) -> list[str]:
    """What the wallet shows of three offers that the issuer ended."""
    path = f"/wallet/offers?state=abandoned&connection_id={issued.connection}"

    async def ended() -> list[str]:
        return [offer["error"] for offer in (await robin.wallet.get(path))["offers"]]

    return await until(ended, lambda found: len(found) == 3)


async def test_an_assignment_that_ended_is_not_issued(esr_people: Network, wallet: WalletClient) -> None:
    robin, issued = await offered(esr_people, wallet, "changed-surname")

    await esr_people.sandbox("POST", "/people/901/90100019/assignments/90100019/end", {"on": "2026-01-31"})

    assert all("assignment" in why for why in await accepted_and_withdrawn(esr_people, robin, issued))


async def test_a_user_who_was_suspended_issues_nothing(network: Network, wallet: WalletClient) -> None:
    robin, issued = await offered(network, wallet, "twin-one")

    async with suspended(network, OTTILIE):
        await all_withdrawn(network, robin, issued)

    assert {one["reason"] for one in (await credentials(network, issued)).values()} == {"user_suspended"}


async def test_a_user_who_lost_the_role_in_esr_issues_nothing(
    esr_people: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(esr_people, wallet, "twin-two")

    await esr_people.sandbox("DELETE", ROLE)

    assert await accepted_and_withdrawn(esr_people, robin, issued) == {"esr_role_missing"}


async def test_a_record_that_changed_is_not_issued_as_it_was_offered(
    esr_people: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(esr_people, wallet, "accents")

    await esr_people.sandbox("PATCH", "/people/901/90100020", {"lastName": "Newname"})
    offers = {offer["type"]: offer for offer in await robin.offers(issued)}
    await robin.accept(offers["StaffIdentityCredential"])

    async def identity() -> dict[str, str]:
        return (await credentials(esr_people, issued))["identity"]

    withdrawn = await until(
        identity, lambda found: found["state"] != "pending" and found["state"] != "issuing"
    )
    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "record_changed")


async def test_an_esr_that_is_down_delays_and_loses_nothing(
    esr_people: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(esr_people, wallet, "bank")

    await esr_people.sandbox("POST", "/outage", {"mode": "error"})
    problem = await refused(hr(esr_people).post(f"{issued.path}/offers"))
    for offer in await robin.offers(issued):
        await robin.accept(offer)
    assert problem.status == 503
    assert {one["state"] for one in (await credentials(esr_people, issued)).values()} <= {
        "pending",
        "issuing",
    }

    await esr_people.sandbox("DELETE", "/outage")
    await credentials_in(esr_people, issued, "active")
    held = (await wallet.get("/wallet/offers?state=done&connection_id=" + issued.connection))["offers"]
    assert len(held) == 3


async def test_an_offer_that_a_wallet_never_answers_is_withdrawn_and_the_wallet_is_told(
    network: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(network, wallet, "bank")
    await robin.offers(issued)

    two_weeks = "UPDATE issuer.credentials SET offered_at = now() - interval '15 days' WHERE passport = %s"
    assert as_owner(network, NORTHMOOR, two_weeks, issued.passport["id"]) == 3
    ended = await credentials_in(network, issued, "withdrawn")

    assert {one["reason"] for one in ended.values()} == {"no_answer"}
    assert all("no_answer" in sentence for sentence in await told_by_the_issuer(robin, issued))


async def test_checks_with_gaps_are_refused_by_name(network: Network, wallet: WalletClient) -> None:
    issued = await Holder(network, wallet).a_confirmed_passport("checks-incomplete")

    problem = await refused(hr(network).post(f"{issued.path}/offers"))

    (refusal,) = problem.problem["refusals"]
    assert refusal["code"] == "checks_incomplete"
    assert "criminal record (pending)" in refusal["sentence"]
    assert "work health assessment (absent)" in refusal["sentence"]


async def test_somebody_who_was_suspended_since_the_choice_is_refused(
    esr_people: Network, wallet: WalletClient
) -> None:
    issued = await Holder(esr_people, wallet).a_confirmed_passport("last-day")
    number = issued.passport["assignment_number"]
    path = f"/people/901/{number}/assignments/{number}"
    await esr_people.sandbox("PATCH", path, {"userAssignmentStatus": "Suspend With Pay"})

    problem = await refused(hr(esr_people).post(f"{issued.path}/offers"))

    assert {refusal["code"] for refusal in problem.problem["refusals"]} == {"assignment_status"}


async def test_a_user_who_may_not_offer_any_more_issues_nothing(
    network: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(network, wallet, "right-to-work-limited")

    async with in_roles(network, OTTILIE, "auditor"):
        await all_withdrawn(network, robin, issued)

    assert {one["reason"] for one in (await credentials(network, issued)).values()} == {"not_permitted"}


async def test_a_passport_that_is_deactivated_while_it_is_issued_gives_nobody_a_credential(
    network: Network, wallet: WalletClient
) -> None:
    robin, issued = await offered(network, wallet, "right-to-work-limited")

    async def states() -> set[str]:
        return {str(one["state"]) for one in (await credentials(network, issued)).values()}

    with paused(network.esr):
        for offer in await robin.offers(issued):
            await robin.accept(offer)
        await until(states, lambda found: found == {"issuing"})
        ended = await hr(network).post(f"{issued.path}/deactivation", {"reason": "device_lost"})

    assert ended["state"] == "deactivated"
    await until(states, lambda found: found <= {"withdrawn", "revoked"})
    held = (await wallet.get(f"/wallet/offers?state=done&connection_id={issued.connection}"))["offers"]
    assert held == []
