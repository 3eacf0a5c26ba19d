from collections.abc import AsyncIterator

import pytest

from staff_passport.demo import trust as trust_list
from staff_passport.demo.network import Network
from staff_passport.demo.wallet_client import WalletClient


@pytest.fixture(scope="session")
async def wallet(network: Network) -> WalletClient:
    """One wallet for every test that needs one and leaves it usable."""
    return await network.start_wallet("robin")


@pytest.fixture
async def esr_people(network: Network) -> AsyncIterator[Network]:
    """The network, whose ESR a test may change; everyone is as before afterwards."""
    yield network
    await network.sandbox("POST", "/reset")


@pytest.fixture
async def trust(network: Network) -> AsyncIterator[Network]:
    """The network, whose trust list a test may change; it is as before afterwards."""
    yield network
    for said in network.environment.organisations:
        ods_code, asked = said["ods_code"], {name: said[name] for name in ("name", "may_issue", "may_ask")}
        await trust_list.change(network, ods_code, {**asked, "dids": [network.dids[ods_code]]})
