import asyncio
from collections.abc import AsyncIterator

import pytest

from staff_passport.demo import trust
from staff_passport.demo.onboarding import onboard, publish_definitions
from tests.support.shared_agent import TENANTS, SharedNetwork, a_shared_network


@pytest.fixture(scope="package")
async def shared() -> AsyncIterator[SharedNetwork]:
    """A shared agent whose two organisations are registered, active, and on the trust list."""
    async with a_shared_network() as running:
        network = running.network
        dids = await asyncio.gather(*(onboard(network, party) for party in TENANTS))
        network.dids |= {party.ods_code: did for party, did in zip(TENANTS, dids, strict=True)}
        await trust.enter(network)
        issuing = [network.client(party) for party in TENANTS if party.issues]
        await asyncio.gather(*map(publish_definitions, issuing))
        yield running
