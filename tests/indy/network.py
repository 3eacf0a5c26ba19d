"""The journey's network with its AnonCreds objects on a real Indy pool."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from staff_passport.configuration import merged
from staff_passport.demo import trust
from staff_passport.demo.network import NORTHMOOR, OPERATOR, Network, Party, a_network
from staff_passport.demo.onboarding import onboard, publish_definitions
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.indy.pool.pool import MECHANISM, VERSION, RunningPool
from tests.support.network import QUICK, restart

type Json = dict[str, Any]


@asynccontextmanager
async def a_network_on(pool: RunningPool) -> AsyncIterator[Network]:
    """Three agents in the mode `indy`, registered there and everywhere, with their definitions published."""
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-") as name,
        EmbeddedPostgres.temporary() as postgres,
    ):
        folder = Path(name)
        indy = settings_of(pool, folder)
        overrides = {**QUICK, "registry": {"mode": "indy", "indy": indy}}
        async with a_network(folder, postgres, overrides=overrides, registered=False) as network:
            network.ledgers = Path(indy["ledgers"])
            operator = await an_endorser(network, pool, OPERATOR)
            known = {"registry": {"indy": settings_of(pool, folder, operator)}}
            await asyncio.gather(*(restart_with(network, party, known) for party in network.parties))
            await _set_up(network, pool)
            yield network


def settings_of(pool: RunningPool, folder: Path, operator: str | None = None) -> Json:
    """An agent's `indy` section for this pool, where the operator endorses once it is known."""
    ledgers = folder / f"ledgers-{operator}.yml"
    ledger = {"id": "test", "is_production": True, "is_write": True, "genesis_file": str(pool.genesis)}
    endorsed = {"endorser_did": operator, "endorser_alias": "operator"} if operator else {}
    ledgers.write_text(yaml.safe_dump([{**ledger, **endorsed}]))
    taa = {"mechanism": MECHANISM, "version": VERSION}
    return {"ledgers": str(ledgers), "operator": operator, "taa": taa}


async def restart_with(network: Network, party: Party, changed: Json) -> None:
    """Have a party's agent run with these settings over its own from now on."""
    await restart(network, party, merged(network.agents[party.slug].settings, changed))


async def an_endorser(network: Network, pool: RunningPool, party: Party) -> str:
    """Have an organisation's DID made, registered and made ready; it, as the ledger has it."""
    return await _registered(network, party, pool.register_endorser)


async def an_author(network: Network, pool: RunningPool, party: Party) -> str:
    """The same for one that writes nothing without the operator's signature."""
    return await _registered(network, party, pool.register_author)


async def _registered(network: Network, party: Party, register: Callable[[str, str], Awaitable[None]]) -> str:
    made = await network.client(party).post("/organisation/ledger-did")
    assert not made["registered"]
    await register(made["did"], made["verkey"])
    ready = await network.client(party).post("/organisation/ledger-did")
    assert ready == {**made, "registered": True}
    return str(made["did"].removeprefix("did:sov:"))


async def _set_up(network: Network, pool: RunningPool) -> None:
    operator, *others = network.parties
    network.dids[operator.ods_code] = (await network.client(operator).post("/organisation/did"))["did"]
    await trust.establish(network)
    _, *dids = await asyncio.gather(
        network.client(operator).post("/national-schemas"), *(onboard(network, party) for party in others)
    )
    network.dids |= {party.ods_code: str(did) for party, did in zip(others, dids, strict=True)}
    await trust.enter(network)
    await an_author(network, pool, NORTHMOOR)
    await trust_ledger_did(network, NORTHMOOR)
    await publish_definitions(network.client(NORTHMOOR))


async def trust_ledger_did(network: Network, party: Party) -> None:
    """Have the trust list say what a party's DID on the ledger is, beside its did:webvh."""
    on_ledger = (await network.client(party).post("/organisation/ledger-did"))["did"]
    await trust.change(network, party.ods_code, {"dids": [on_ledger, network.dids[party.ods_code]]})
