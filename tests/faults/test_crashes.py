"""An agent is killed in the middle: nothing is lost, and nothing is done twice."""

import asyncio
from collections import Counter
from datetime import timedelta

import psycopg
import pytest

from agent.audit.chain import AuditChain, first_break
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from staff_passport.demo.network import NORTHMOOR, OPERATOR, Network, Party
from staff_passport.demo.trust import ENTRIES, operator_of
from tests.support.holder import Holder
from tests.support.journey import (
    a_review,
    audit_entries,
    credentials,
    credentials_in,
    host,
    hr,
    paused,
    reasons,
    refused,
    registry_down,
    until,
    verdict,
)


@pytest.fixture(scope="module")
async def holder(network: Network) -> Holder:
    """A person whose phone stays on when agents do not."""
    return Holder(network, await network.start_wallet("crash"))


async def crash(network: Network, party: Party = NORTHMOOR) -> None:
    """Kill an agent as a power cut would, and start it again."""
    process = network.agents[party.slug].process
    assert process is not None
    process.kill()
    await network.start_agent(party)


def rows(network: Network, query: str, party: Party = NORTHMOOR) -> list[tuple[object, ...]]:
    """What the agent's database says of its organisation, to its owner."""
    with psycopg.connect(network.postgres.provide(party.slug).migration_url) as connection:
        connection.execute("SELECT set_config('staff_passport.organisation', %s, true)", [party.ods_code])
        return connection.execute(query).fetchall()


async def nothing_was_done_twice(network: Network) -> None:
    """Each status entry is one credential's; each act that was begun has one outcome in the end."""
    used = rows(
        network, "SELECT status_registry, status_index FROM issuer.credentials WHERE status_index IS NOT NULL"
    )
    assert len(used) == len(set(used))
    await close_what_was_cut_short(network)
    entries = await audit_entries(network, NORTHMOOR)
    assert first_break(entries) is None
    begun = Counter(entry.intent for entry in entries if entry.phase == "intent")
    ended = Counter(entry.intent for entry in entries if entry.phase == "outcome")
    assert begun == ended


async def close_what_was_cut_short(network: Network) -> None:
    """What the agent itself does once nobody can be at it any more, ten minutes later."""
    settings = network.agents[NORTHMOOR.slug].settings
    store = Store.at(settings["database"]["url"])
    salt = settings["organisation"]["audit_salt"].encode()
    try:
        chain = AuditChain(store, OdsCode(NORTHMOOR.ods_code), salt)
        await chain.close_stale(older_than=timedelta(0))
    finally:
        await store.dispose()


async def test_an_agent_that_crashes_while_credentials_are_accepted_issues_each_exactly_once(
    network: Network, holder: Holder
) -> None:
    issued = await holder.a_confirmed_passport("nurse")
    await hr(network).post(f"{issued.path}/offers")

    for offer in await holder.offers(issued):
        await holder.accept(offer)
    await crash(network)

    await credentials_in(network, issued, "active")
    held = (await holder.wallet.get("/wallet/credentials"))["credentials"]
    assert sorted((credential["format"], credential["type"]) for credential in held) == [
        (form, name)
        for form in ("anoncreds", "w3c")
        for name in ("EmploymentChecksCredential", "EmploymentCredential", "StaffIdentityCredential")
    ]
    await nothing_was_done_twice(network)


async def test_offers_are_accounted_for_when_the_agent_crashes_right_after_them(
    network: Network, holder: Holder
) -> None:
    """An offer stands in the books before it is sent: it is not made twice, and HR may take it back."""
    issued = await holder.a_confirmed_passport("bank")
    await hr(network).post(f"{issued.path}/offers")
    await crash(network)

    standing = await credentials(network, issued)
    await hr(network).post(f"{issued.path}/offers")
    ended = await hr(network).post(f"{issued.path}/deactivation", {"reason": "other"})

    assert {one["state"] for one in standing.values()} == {"pending"}
    assert ended["state"] == "deactivated"
    withdrawn = await credentials(network, issued)
    assert {one["state"] for one in withdrawn.values()} == {"withdrawn"}
    assert [one["id"] for one in withdrawn.values()] == [one["id"] for one in standing.values()]
    await nothing_was_done_twice(network)


async def test_an_agent_that_crashes_while_it_revokes_revokes_in_the_end(
    network: Network, holder: Holder
) -> None:
    issued = await holder.an_active_passport("doctor")
    path = f"/credentials/{(await credentials(network, issued))['employment']['id']}/revocation"

    async with registry_down(network):
        problem = await refused(hr(network).post(path, {"reason": "employment_ended"}))
        await crash(network)
    assert problem.status == 503

    async def state() -> str:
        return str((await credentials(network, issued))["employment"]["state"])

    await until(state, lambda found: found == "revoked")
    await credentials_in(network, issued, "active", "revoked")
    await nothing_was_done_twice(network)


async def test_a_suspension_that_is_being_published_when_registry_and_operator_crash_is_published_in_the_end(
    network: Network, holder: Holder
) -> None:
    """The registry has the request in its hands and says no more; then the operator's agent ends, too."""
    await holder.an_active_passport("doctor")
    review = await a_review(network, holder.connect)
    asked = await host(network).post(f"{review}/presentation-requests", {})
    entry, registry = f"{ENTRIES}/{NORTHMOOR.ods_code}", network.registry
    assert registry is not None

    with paused(registry):
        suspending = asyncio.create_task(operator_of(network).post(f"{entry}/suspension"))
        await until(lambda: signed_and_not_published(network), bool)
        registry.kill()
    await suspending  # it is decided, and waits to be read
    await crash(network, OPERATOR)
    await network.start_registry()
    await until(lambda: signed_and_not_published(network), lambda waits: not waits)

    await holder.present()
    decided = await verdict(network, asked)
    await operator_of(network).post(f"{entry}/restoration-request")
    await operator_of(network, 1).post(f"{entry}/restoration")

    assert (decided["verdict"], reasons(decided)) == ("refused", ["issuer_suspended"])


async def signed_and_not_published(network: Network) -> bool:
    query = "SELECT 1 FROM trust.publications WHERE timestamp IS NOT NULL AND published_at IS NULL"
    return bool(rows(network, query, OPERATOR))
