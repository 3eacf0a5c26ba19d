"""After the verdict: a host learns when what it accepted does not count any more."""

from typing import Any

import pytest

from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import CALDER_BAY, NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import (
    Issued,
    a_review,
    audit_entries,
    credentials,
    host,
    hr,
    refused,
    registry_down,
    until,
    verdict,
)
from tests.support.network import YOUNG_COPY, an_agent_with

type Json = dict[str, Any]
EMPLOYMENT = ["employment"]


async def accepted(network: Network, holder: Holder, form: str, *, review: str | None = None) -> Json:
    """A verdict on the employment credential of `holder`: accepted."""
    path = review or await a_review(network, holder.connect)
    asked = await host(network).post(f"{path}/presentation-requests", {"types": EMPLOYMENT})
    await holder.present(form)
    decided = await verdict(network, asked)
    assert decided["verdict"] == "accepted"
    return decided


async def alerts(network: Network, request: Json, *, count: int = 1) -> list[Json]:
    """The alerts of a request's review, the oldest first, once there are `count` of them."""
    path = f"/alerts?review={request['review']}"

    async def told() -> list[Json]:
        found: list[Json] = (await host(network).get(path))["alerts"]
        return found[::-1]

    return await until(told, lambda found: len(found) >= count)


async def standing(network: Network, request: Json) -> str:
    (shown,) = (await host(network).get(f"/presentation-requests/{request['id']}"))["credentials"]
    return str(shown["standing"])


async def employment_of(network: Network, issued: Issued) -> str:
    return f"/credentials/{(await credentials(network, issued))['employment']['id']}"


@pytest.mark.parametrize("form", ["anoncreds", "w3c"])
async def test_a_revocation_of_what_was_accepted_is_an_alert(
    network: Network, wallet: WalletClient, form: str
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("nurse")
    decided = await accepted(network, robin, form)
    assert await standing(network, decided) == "holds"

    path = await employment_of(network, issued)
    await hr(network).post(f"{path}/revocation", {"reason": "employment_ended"})
    (alert,) = await alerts(network, decided)

    assert (alert["type"], alert["standing"], alert["request"]) == ("employment", "revoked", decided["id"])
    assert await standing(network, decided) == "revoked"
    told = [entry for entry in await audit_entries(network, CALDER_BAY) if entry.action == "record alert"]
    assert (told[-1].actor, told[-1].outcome, told[-1].code) == ("system:verifier", "done", "revoked")


async def test_a_suspension_and_its_end_are_two_alerts(network: Network, wallet: WalletClient) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("nurse")
    decided = await accepted(network, robin, "w3c")
    path = await employment_of(network, issued)

    await hr(network).post(f"{path}/suspension")
    await alerts(network, decided)
    await hr(network).post(f"{path}/reinstatement")

    told = await alerts(network, decided, count=2)
    assert [alert["standing"] for alert in told] == ["suspended", "holds"]
    assert await standing(network, decided) == "holds"


async def test_an_issuer_that_leaves_the_trust_list_is_an_alert(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    await robin.an_active_passport("nurse")
    decided = await accepted(network, robin, "w3c")

    did = network.dids[NORTHMOOR.ods_code]
    await trust_list.change(network, NORTHMOOR.ods_code, {"dids": []})
    try:
        (alert,) = await alerts(network, decided)
    finally:
        await trust_list.change(network, NORTHMOOR.ods_code, {"dids": [did]})

    assert alert["standing"] == "issuer_not_trusted"
    assert [one["standing"] for one in await alerts(network, decided, count=2)][-1] == "holds"


async def test_a_registry_that_is_down_is_no_alert_and_its_age_shows(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("nurse")
    path = await employment_of(network, issued)

    async with an_agent_with(network, CALDER_BAY, YOUNG_COPY):
        decided = await accepted(network, robin, "w3c")
        async with registry_down(network):
            problem = await refused(hr(network).post(f"{path}/revocation", {"reason": "other"}))
            before = await checked_at(network, decided)
            await a_round_has_passed(network, decided)
            while_down = await checked_at(network, decided)
            assert await standing(network, decided) == "holds"

    assert problem.status == 503
    assert while_down == before
    await hr(network).post(f"{path}/revocation", {"reason": "other"})
    (alert,) = await alerts(network, decided)
    assert alert["standing"] == "revoked"


async def checked_at(network: Network, request: Json) -> str:
    (shown,) = (await host(network).get(f"/presentation-requests/{request['id']}"))["credentials"]
    return str(shown["checked_at"])


async def a_round_has_passed(network: Network, request: Json) -> None:
    """The host's agent says in its log that it could not ask."""
    log = network.agents[CALDER_BAY.slug].program.log_file

    async def lines() -> int:
        return log.read_text(encoding="utf-8").count("accepted credentials wait: status_list_unavailable")

    before = await lines()
    await until(lines, lambda found: found > before + 1)


async def test_what_is_accepted_anew_takes_the_place_of_what_was_accepted_before(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("nurse")
    review = await a_review(network, robin.connect)
    first = await accepted(network, robin, "w3c", review=review)
    await hr(network).post(f"{await employment_of(network, issued)}/revocation", {"reason": "superseded"})
    await alerts(network, first)
    await robin.is_offered_what_is_missing(issued)

    second = await accepted(network, robin, "w3c", review=review)

    assert await standing(network, second) == "holds"
    assert await standing(network, first) == "None"
    assert len(await alerts(network, second)) == 1


async def test_an_alert_is_taken_note_of_once_and_by_whom_is_kept(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("nurse")
    decided = await accepted(network, robin, "w3c")
    await hr(network).post(f"{await employment_of(network, issued)}/revocation", {"reason": "other"})
    (alert,) = await alerts(network, decided)
    unseen = f"/alerts?review={decided['review']}&unseen=true"
    assert [one["id"] for one in (await host(network).get(unseen))["alerts"]] == [alert["id"]]

    seen = await host(network).post(f"/alerts/{alert['id']}/acknowledgement")
    again = await host(network).post(f"/alerts/{alert['id']}/acknowledgement")

    assert seen["acknowledged_by"] == "wanjiru@calder-bay.example"
    assert seen == again
    assert (await host(network).get(unseen))["alerts"] == []


async def test_alerts_are_paged_and_filtered_or_the_call_is_refused(network: Network) -> None:
    everything = (await host(network).get("/alerts?limit=200"))["alerts"]
    first = await host(network).get("/alerts?limit=2")
    second = await host(network).get(f"/alerts?limit=2&cursor={first['next']}")

    assert [*first["alerts"], *second["alerts"]] == everything[:4]
    assert (await refused(host(network).get("/alerts?unseen=perhaps"))).status == 422
    problem = await refused(host(network).post("/alerts/nothing/acknowledgement"))
    assert (problem.status, problem.code) == (404, "not_found")
