"""The registry is away for a while: what cannot be done waits, and nothing is done twice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from staff_passport.demo.wallet_client import WalletClient
from tests.support.holder import Holder
from tests.support.journey import (
    ALL_TYPES,
    Issued,
    credentials,
    credentials_in,
    hr,
    paused,
    refused,
    registry_down,
    until,
)
from tests.support.network import YOUNG_COPY, an_agent_with

type Json = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
async def _young(network: Network) -> AsyncIterator[None]:
    """The issuer has read the trust list just before, so that the registry takes only itself away."""
    async with an_agent_with(network, NORTHMOOR, YOUNG_COPY):
        await network.client(NORTHMOOR).get(f"/trusted-organisations/{network.dids[NORTHMOOR.ods_code]}")
        yield


async def test_what_was_published_once_is_offered_without_the_registry(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.a_confirmed_passport("twin-two")

    async with registry_down(network):
        offered = await hr(network).post(f"{issued.path}/offers")

    assert [one["type"] for one in offered["credentials"]] == ALL_TYPES
    assert {one["state"] for one in offered["credentials"]} == {"pending"}
    assert len(await robin.offers(issued)) == 3


async def test_a_credential_that_comes_while_the_registry_is_down_is_kept_until_it_is_back(
    network: Network, wallet: WalletClient
) -> None:
    """The wallet looks up the status registry before it stores anything; the issuer, which has read since it
    started what it needs, signs without.
    """
    robin = Holder(network, wallet)
    await robin.an_active_passport("bank")
    issued = await robin.a_confirmed_passport("twin-one")
    await hr(network).post(f"{issued.path}/offers")
    offers = await robin.offers(issued)
    issuer = network.agents[NORTHMOOR.slug].process
    assert network.registry is not None

    with paused(issuer):
        for offer in offers:
            await robin.accept(offer)
        await network.registry.stop()
    try:
        received = await received_by(robin, issued)
        waiting = await credentials_in(network, issued, "issued")
    finally:
        await network.start_registry()
    for offer in received:
        await robin.accept(offer)

    settled = await credentials_in(network, issued, "active")
    assert [one["id"] for one in settled.values()] == [one["id"] for one in waiting.values()]
    path = f"/wallet/offers?state=done&connection_id={issued.connection}"
    assert len((await wallet.get(path))["offers"]) == 3


async def received_by(robin: Holder, issued: Issued) -> list[Json]:
    """The three credentials that came, and are not stored yet."""
    path = f"/wallet/offers?state=credential-received&connection_id={issued.connection}"

    async def came() -> list[Json]:
        found: list[Json] = (await robin.wallet.get(path))["offers"]
        return found

    return await until(came, lambda found: len(found) == 3 and all(offer["error"] for offer in found))


async def test_a_registry_that_is_down_delays_a_revocation_and_loses_nothing(
    network: Network, wallet: WalletClient
) -> None:
    robin = Holder(network, wallet)
    issued = await robin.an_active_passport("changed-surname")
    path = f"/credentials/{(await credentials(network, issued))['employment']['id']}/revocation"

    async with registry_down(network):
        problem = await refused(hr(network).post(path, {"reason": "employment_ended"}))
        waiting = (await credentials(network, issued))["employment"]

    assert problem.status == 503
    assert waiting["state"] == "revoking"
    settled = await credentials_in(network, issued, "active", "revoked")
    assert settled["employment"]["state"] == "revoked"
