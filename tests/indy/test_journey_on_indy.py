"""The journey with AnonCreds objects on a real Indy pool: only ids differ."""

from staff_passport.demo.network import NORTHMOOR, Network
from tests.indy.pool.pool import RunningPool


async def test_schemas_and_definitions_stand_on_the_ledger(network: Network, pool: RunningPool) -> None:
    published = await network.client(NORTHMOOR).post("/organisation/credential-definitions")

    print(published)
    for definition in published["ids"].values():
        assert await pool.read("cred_def", definition)
