from collections.abc import AsyncIterator

import pytest

from staff_passport.demo.network import Network
from tests.indy.network import a_network_on
from tests.indy.pool.pool import RunningPool, a_pool


@pytest.fixture(scope="session")
async def pool(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningPool]:
    """A pool whose agreement every author has to accept."""
    async with a_pool(tmp_path_factory.mktemp("indy")) as running:
        await running.have_agreement()
        yield running


@pytest.fixture(scope="session")
async def network(pool: RunningPool) -> AsyncIterator[Network]:
    """The journey's network, on the pool."""
    async with a_network_on(pool) as running:
        yield running
