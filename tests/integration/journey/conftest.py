from collections.abc import AsyncIterator

import pytest

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
    network.write_trust_list()
