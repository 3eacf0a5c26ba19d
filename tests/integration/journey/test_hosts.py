"""Who asks must be registered: what a person's wallet does by itself, with the real trust list."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import CALDER_BAY, Network
from staff_passport.demo.wallet_client import WalletClient, WalletFailed
from tests.support.holder import Holder
from tests.support.journey import a_review, host, registry_down, until, verdict

type Json = dict[str, Any]
NOBODYS: Json = {"dids": []}


@pytest.fixture(scope="session")
async def person(network: Network) -> Holder:
    """A person with a whole passport."""
    holder = Holder(network, await network.start_wallet("careful", unregistered="decline"))
    await holder.an_active_passport("doctor")
    return holder


async def an_invitation(network: Network) -> str:
    made = await host(network).post("/reviews", {"purpose": "Starting work on ward 4"})
    found = await host(network).get(f"/reviews/{made['id']}/invitation")
    return str(found["url"])


def changed(url: str, **members: Any) -> str:
    """The invitation as somebody in between would pass it on."""
    invitation = json.loads(base64.urlsafe_b64decode(parse_qs(urlsplit(url).query)["oob"][0] + "=="))
    text = json.dumps({**invitation, **members}).encode()
    return f"{url.partition('?')[0]}?oob={base64.urlsafe_b64encode(text).decode().rstrip('=')}"


async def not_connected(wallet: WalletClient, url: str) -> WalletFailed:
    """How the wallet declined the invitation; nobody learned of it."""
    before = await wallet.get("/wallet/connections")
    with pytest.raises(WalletFailed) as failed:
        await wallet.post("/wallet/connections", {"invitation": url})
    assert await wallet.get("/wallet/connections") == before
    return failed.value


async def asked(network: Network, person: Holder) -> Json:
    review = await a_review(network, person.connect)
    return await host(network).post(f"{review}/presentation-requests", {"types": ["identity"]})


async def test_a_person_sees_who_invites_and_who_asks_as_the_list_names_them(
    network: Network, person: Holder
) -> None:
    looked = await person.wallet.post("/wallet/invitations", {"invitation": await an_invitation(network)})
    request = await asked(network, person)
    seen = await person.request()
    await person.present()

    for host_seen in (looked["host"], seen["host"]):
        assert host_seen["standing"] == "registered"
        assert (host_seen["name"], host_seen["ods_code"]) == (CALDER_BAY.name, CALDER_BAY.ods_code)
    assert "ward 4" in looked["host"]["purpose"]
    assert seen["host"]["purpose"] == seen["comment"]
    assert (await verdict(network, request))["verdict"] == "accepted"


async def test_an_invitation_that_somebody_changed_is_declined(network: Network, person: Holder) -> None:
    url = await an_invitation(network)
    for forged in (
        changed(url, goal="Something else"),
        changed(url, services=["did:peer:4zQmOfSomebodyInBetween"]),
        changed(url, **{"~host": None}),
    ):
        assert (await not_connected(person.wallet, forged)).code == "host_not_registered"


async def test_who_is_not_on_the_list_is_declined_without_asking_the_person(
    trust: Network, person: Holder
) -> None:
    review = await a_review(trust, person.connect)
    invitation = await an_invitation(trust)
    asking = host(trust).post(f"{review}/presentation-requests", {"types": ["identity"]})
    request = await asking  # the host's own copy of the list is fresh enough for it to ask
    waiting = await person.request()
    await trust_list.change(trust, CALDER_BAY.ods_code, NOBODYS)

    assert (await not_connected(person.wallet, invitation)).code == "host_not_registered"
    with pytest.raises(WalletFailed) as failed:
        await person.present()
    assert failed.value.code == "host_not_registered"
    shown = await person.wallet.get(f"/wallet/requests/{waiting['id']}")
    assert (shown["state"], shown["error"]) == ("abandoned", "declined: host_not_registered")
    assert (await verdict(trust, request))["verdict"] == "declined"


async def test_a_host_gets_only_what_it_may_ask_for(trust: Network, person: Holder) -> None:
    request = await asked(trust, person)
    await person.request()
    only = [{"type": "employment", "valid_from": "2026-01-01"}]
    await trust_list.change(trust, CALDER_BAY.ods_code, {"may_ask": only})

    with pytest.raises(WalletFailed) as failed:
        await person.present()

    assert failed.value.code == "host_may_not_ask"
    await person.refuse_to_present()
    assert (await verdict(trust, request))["verdict"] == "declined"


async def test_while_nobody_can_say_nothing_is_declined_and_nothing_is_shared(
    network: Network, person: Holder
) -> None:
    request = await asked(network, person)
    waiting = await person.request()
    async with registry_down(network):
        with pytest.raises(WalletFailed) as failed:
            await person.present()
        shown = await person.wallet.get(f"/wallet/requests/{waiting['id']}")

    assert failed.value.code == "host_unknown"
    assert (shown["state"], shown["host"]["standing"]) == ("request-received", "unavailable")
    await person.present()
    assert (await until(lambda: verdict(network, request), bool))["verdict"] == "accepted"
