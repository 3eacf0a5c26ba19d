"""Messages get lost between an agent and a phone: each is said again until it is answered."""

import sys
from collections import Counter

import pytest

from staff_passport.demo.network import Network
from tests.support.holder import Holder
from tests.support.journey import credentials, credentials_in, hr, until


@pytest.fixture(scope="module")
async def unlucky(network: Network) -> Holder:
    """A person whose line loses the first of everything."""
    console = (sys.executable, "-m", "tests.support.lossy_wallet")
    return Holder(network, await network.start_wallet("unlucky", console))


async def test_credentials_arrive_once_each_although_every_message_is_lost_once(
    network: Network, unlucky: Holder
) -> None:
    issued = await unlucky.a_confirmed_passport("nurse")
    await hr(network).post(f"{issued.path}/offers")

    for offer in await unlucky.offers(issued):
        await unlucky.accept(offer)

    await credentials_in(network, issued, "active")
    held = (await unlucky.wallet.get("/wallet/credentials"))["credentials"]
    issued_types = list(await credentials(network, issued))
    assert set(Counter((one["type"], one["format"]) for one in held).values()) == {1}
    assert [sum(one["format"] == form for one in held) for form in ("anoncreds", "w3c")] == [
        len(issued_types)
    ] * 2


async def test_an_offer_that_was_declined_is_not_shown_again(network: Network, unlucky: Holder) -> None:
    """The issuer, whom the first no did not reach, asks again; the person does not see that."""
    issued = await unlucky.a_confirmed_passport("bank")
    await hr(network).post(f"{issued.path}/offers")
    offers = await unlucky.offers(issued)

    for offer in offers:
        await unlucky.decline(offer, "incorrect", "Not my name")

    async def states() -> set[str]:
        return {one["state"] for one in (await credentials(network, issued)).values()}

    await until(states, lambda found: found == {"rejected"})
    path = f"/wallet/offers?connection_id={issued.connection}"
    shown = (await unlucky.wallet.get(path))["offers"]
    assert {offer["state"] for offer in shown} == {"abandoned"}
