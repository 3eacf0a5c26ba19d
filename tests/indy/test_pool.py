"""What is true of the pool itself, so that nothing else is blamed for it."""

from tests.indy.pool.pool import RunningPool


async def test_the_nodes_agree_on_what_the_trustee_wrote(pool: RunningPool) -> None:
    trustee = pool.trustee.nym

    assert await pool.read("nym", trustee)
