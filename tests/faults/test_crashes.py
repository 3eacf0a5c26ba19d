"""An agent is killed in the middle: nothing is lost, and nothing is done twice."""

import psycopg

from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.holder import Holder
from tests.support.journey import credentials, credentials_in, hr, refused, until


async def crash(network: Network) -> None:
    """Kill Northmoor's agent as a power cut would, and start it again."""
    process = network.agents[NORTHMOOR.slug].process
    assert process is not None
    process.kill()
    await network.start_agent(NORTHMOOR)


def rows(network: Network, query: str) -> list[tuple[object, ...]]:
    """What the agent's database says of Northmoor, to its owner."""
    with psycopg.connect(network.postgres.provide(NORTHMOOR.slug).migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', 'ZZNM1', true)")
        return connection.execute(query).fetchall()


async def test_an_agent_that_crashes_while_credentials_are_accepted_issues_each_exactly_once(
    network: Network,
) -> None:
    holder = Holder(network, await network.start_wallet("crash"))
    issued = await holder.a_confirmed_passport("nurse")
    await hr(network).post(f"{issued.path}/offers")
    offers = await holder.offers(issued)

    for offer in offers:
        await holder.accept(offer)
    await crash(network)
    await until(lambda: credentials(network, issued), lambda found: len(found) == 3)
    await resend_what_was_lost(network, holder, issued.path)

    held = (await holder.wallet.get("/wallet/credentials"))["credentials"]
    assert sorted(credential["type"] for credential in held) == [
        "EmploymentChecksCredential",
        "EmploymentCredential",
        "StaffIdentityCredential",
    ]
    used = rows(
        network, "SELECT status_registry, status_index FROM issuer.credentials WHERE status_index IS NOT NULL"
    )
    assert len(used) == len(set(used))


async def resend_what_was_lost(network: Network, holder: Holder, path: str) -> None:
    """Wait until every credential is settled by reconciliation, after what a crash interrupted."""

    async def states() -> set[str]:
        found = (await hr(network).get(f"{path}/credentials"))["credentials"]
        return {credential["state"] for credential in found}

    await until(states, lambda found: found <= {"active", "issued"})
    await until(
        lambda: holder.wallet.get("/wallet/credentials"), lambda found: len(found["credentials"]) == 3
    )


async def test_an_agent_that_crashes_while_it_revokes_revokes_in_the_end(network: Network) -> None:
    holder = Holder(network, await network.start_wallet("crash-revoke"))
    issued = await holder.an_active_passport("bank")
    employment = (await credentials(network, issued))["employment"]
    assert network.registry is not None
    await network.registry.stop()
    try:
        path = f"/credentials/{employment['id']}/revocation"
        problem = await refused(hr(network).post(path, {"reason": "employment_ended"}))
        await crash(network)
    finally:
        await network.start_registry()
    assert problem.status == 503

    async def state() -> str:
        return str((await credentials(network, issued))["employment"]["state"])

    await until(state, lambda found: found == "revoked")
    await credentials_in(network, issued, "active", "revoked")
