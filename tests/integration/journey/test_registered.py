"""Organisations as they are registered on real agents: what each side keeps of it, and what follows."""

import asyncio
from typing import Any

from agent_client import AgentClient
from signed_documents.fetching import GuardedFetcher
from signed_documents.resolution import WebvhReader
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, OPERATOR, Network, Party
from staff_passport.demo.onboarding import DIRECTOR, OPERATORS, nominate
from staff_passport.demo.waiting import until
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import ALL_TYPES, credentials_in, hr, person, refused, search

type Json = dict[str, Any]


def director(network: Network, party: Party = NORTHMOOR) -> AgentClient:
    return network.client(party, DIRECTOR)


def operators(network: Network) -> tuple[AgentClient, AgentClient]:
    one, other = (network.client(OPERATOR, name) for name in OPERATORS)
    return one, other


async def application_of(network: Network, party: Party) -> Json:
    listed = (await operators(network)[0].get("/applications?state=approved"))["applications"]
    return next(one for one in listed if one["ods_code"] == party.ods_code)


async def state(network: Network, wanted: str) -> Json:
    """How Northmoor's registration stands, once it stands so."""
    return await until(
        lambda: director(network).get("/organisation/registration"), lambda found: found["state"] == wanted
    )


async def test_that_the_operator_made_us_a_data_controller_can_be_shown_to_anybody(network: Network) -> None:
    registration = await director(network).get("/organisation/registration")
    application = await application_of(network, NORTHMOOR)
    reader = WebvhReader(GuardedFetcher({network.environment.origin: network.registry_url}))

    approval = await reader.statement(registration["status"], "StaffPassportRegistrationStatus")
    asked = await reader.statement(application["trust_request"]["signed"], "StaffPassportTrustListRequest")

    assert str(approval.issuer) == network.dids[OPERATOR.ods_code]
    assert approval.content["state"] == "approved"
    assert approval.content["called_back"] is True
    assert str(asked.issuer) == asked.content["did"] == network.dids[NORTHMOOR.ods_code]
    assert asked.content["may_issue"] == ALL_TYPES
    assert (registration["active"], registration["missing"]) == (True, [])


async def test_both_sides_show_the_same_code_which_the_call_back_compared(network: Network) -> None:
    ours = (await director(network).get("/organisation/registration"))["comparison_code"]
    application = await application_of(network, NORTHMOOR)
    theirs = await operators(network)[0].get(f"/applications/{application['id']}")

    assert ours == theirs["comparison_code"]
    assert theirs["call_back"]["confirmed"] is True


async def test_nobody_but_the_operator_sees_applications_and_it_sees_no_staff(network: Network) -> None:
    olu, _ = operators(network)

    assert (await refused(network.client(NORTHMOOR).get("/applications"))).status == 404
    assert (await refused(network.client(OPERATOR, "auditor").get("/applications"))).status == 403
    for path in ("/passports", "/reviews"):
        assert (await refused(olu.get(path))).status == 404


async def test_an_organisation_that_is_suspended_issues_nothing_until_two_have_restored_it(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("twin-one")
    await hr(network).post(f"{issued.path}/offers")
    olu, oona = operators(network)
    path = f"/applications/{(await application_of(network, NORTHMOOR))['id']}"
    await olu.post(f"{path}/suspension", {"reason": "A key may be known to others."})
    await state(network, "suspended")
    try:
        for offer in await robin.offers(issued):
            await robin.accept(offer)
        withdrawn = await credentials_in(network, issued, "withdrawn")
        offered = await refused(hr(network).post(f"{issued.path}/offers"))
        searched = await refused(search(network, "twin-two"))
    finally:
        await olu.post(f"{path}/restoration-request")
        own = await refused(olu.post(f"{path}/restoration"))
        await oona.post(f"{path}/restoration")
        await state(network, "approved")

    assert {one["reason"] for one in withdrawn.values()} == {"organisation_suspended"}
    for problem in (offered, searched):
        (refusal,) = problem.problem["refusals"]
        assert refusal["code"] == "organisation_suspended"
        assert "A key may be known to others." in refusal["sentence"]
    assert [each["code"] for each in own.problem["refusals"]] == ["own_request"]
    assert (await search(network, "twin-two"))["strength"] == "strong"


async def test_a_worker_that_was_away_sends_what_waited(network: Network) -> None:
    assert network.worker is not None
    await network.worker.stop()
    asked = asyncio.create_task(
        nominate(network, network.client(CALDER_BAY), "late@calder-bay.example", {"roles": ["verifier"]})
    )

    async def invited() -> list[Json]:
        found: list[Json] = (await network.client(CALDER_BAY).get("/people?status=invited"))["people"]
        return found

    await until(invited, lambda found: len(found) == 1)
    assert not network.outbox.links("late@calder-bay.example", "invitations")
    await network.start_worker()
    joined = await asked

    assert joined["status"] == "active"
    assert (await network.client(CALDER_BAY, "late").get("/reviews"))["reviews"] is not None


async def test_no_message_has_a_name_in_its_subject_or_anything_of_staff_in_it(network: Network) -> None:
    people = [one for party in (NORTHMOOR, CALDER_BAY) for one in (*party.users, *party.first)]
    names = {user.partition("@")[0] for user in people}

    for message in network.outbox.messages():
        subject, text = str(message["Subject"]).lower(), str(message.get_content()).lower()
        assert subject.startswith("staff passport:")
        assert not [name for name in names if name in subject]
        assert not [name for name in names - {"director", "administrator"} if name in text]
        assert "901000" not in text


async def test_who_was_removed_is_out_at_once(network: Network) -> None:
    administrator, user = network.client(NORTHMOOR), "brief@northmoor.example"
    await nominate(network, administrator, user, {"roles": ["auditor"]})
    brief = network.client(NORTHMOOR, "brief")
    assert (await brief.get("/me"))["permissions"]

    await administrator.post(f"/people/{(await person(network, user))['id']}/removal")

    assert (await refused(brief.get("/me"))).code == "not_nominated"


async def test_the_last_but_one_administrator_is_told_who_can_help(network: Network) -> None:
    administrator, second = (
        network.client(NORTHMOOR),
        await person(network, "second-administrator@northmoor.example"),
    )
    known = (await administrator.get("/people?role=administrator&status=active&limit=100"))["people"]
    others = [each["id"] for each in known if each["email"] not in {administrator.user, second["email"]}]
    for other in others:  # of other tests
        await administrator.post(f"/people/{other}/suspension")

    problem = await refused(administrator.post(f"/people/{second['id']}/removal"))
    for other in others:
        await administrator.post(f"/people/{other}/restoration")

    (refusal,) = problem.problem["refusals"]
    assert (problem.status, refusal["code"]) == (409, "two_administrators_needed")
    assert refusal["mended_by"]


async def test_nobody_is_told_that_they_may_do_what_cannot_be_done_here(network: Network) -> None:
    user = "of-a-host@calder-bay.example"
    await nominate(network, network.client(CALDER_BAY), user, {"roles": ["nominated_user", "administrator"]})

    may = set((await network.client(CALDER_BAY, "of-a-host").get("/me"))["permissions"])

    assert {"review:request", "task:read", "user:nominate"} <= may
    assert not {one for one in may if one.startswith(("passport:", "credential:", "esr:"))}
