"""The whole network for one test session: made once, for credential definitions take long to make."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from agent_client import PortalKey
from staff_passport.demo.environment import Environment
from staff_passport.demo.local_authority import LocalAuthority
from staff_passport.demo.network import PARTIES, Network, Party, a_network, write_whole
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.ports import free_port

ELSEWHERE = "127.0.0.2"
"""Another machine's address, as far as an agent can tell; what comes there is led to the registry."""
YOUNG_COPY: Mapping[str, dict[str, Any]] = {"trust": {"refetch_after": 300}}
"""Of the trust list, as outside of tests: what is away for less than five minutes takes it from nobody."""
ROSTER = replace(PortalKey.new(), id="roster")
"""The key of a machine that may read every organisation's passports, and nothing else."""
QUICK: Mapping[str, dict[str, Any]] = {
    "organisation": {
        "machine_clients": {
            "roster": {
                "key": ROSTER.public_pem,
                "permissions": ["passport:read"],
                "expires": "2100-01-01T00:00:00Z",
            }
        }
    },
    "registry": {"new_keys_sign_after": 0},
    "issuer": {"reconcile_every": 4, "repeat_after": 3},
    "verifier": {"reconcile_every": 4, "check_again_every": 2},
    "esr": {"searches": {"per_user": 10_000, "per_organisation": 10_000}},
}
"""Rounds that a test can wait for, a machine, and as many searches as all tests together need."""


@asynccontextmanager
async def a_test_network() -> AsyncIterator[Network]:
    """A network whose registry also listens with TLS, for wallets that insist on it."""
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-") as name,
        EmbeddedPostgres.temporary() as postgres,
    ):
        folder = Path(name)
        host = Environment.read().origin.removeprefix("https://")
        ours = LocalAuthority.new(folder / "ca").certify("registry", host, ELSEWHERE)
        tls = {"certificate": str(ours.certificate), "key": str(ours.key), "port": free_port()}
        async with a_network(folder, postgres, registry_tls=tls, overrides=QUICK) as network:
            # What a host may see of a list or registry that is away, no careful wallet would let it see.
            network.unregistered_hosts = "ask"
            yield network


@asynccontextmanager
async def agents_with(network: Network, changed: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[None]:
    """Every agent that has such a section runs with these settings until the block ends."""
    parties = [party for party in PARTIES if changed.keys() & network.agents[party.slug].settings.keys()]
    before = {party.slug: deepcopy(network.agents[party.slug].settings) for party in parties}
    await asyncio.gather(*(restart(network, party, _over(before[party.slug], changed)) for party in parties))
    try:
        yield
    finally:
        await asyncio.gather(*(restart(network, party, before[party.slug]) for party in parties))


@asynccontextmanager
async def an_agent_with(
    network: Network, party: Party, changed: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[None]:
    """One agent runs with these settings until the block ends."""
    before = deepcopy(network.agents[party.slug].settings)
    await restart(network, party, _over(before, changed))
    try:
        yield
    finally:
        await restart(network, party, before)


async def restart(network: Network, party: Party, settings: dict[str, Any]) -> None:
    """Have a party's agent run with other settings from now on."""
    agent = network.agents[party.slug]
    assert agent.process is not None
    await agent.process.stop()
    agent.settings = settings
    write_whole(agent.folder / "agent.yml", yaml.safe_dump(settings, sort_keys=False))
    await network.start_agent(party)


def _over(settings: dict[str, Any], changed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: section | changed.get(name, {}) for name, section in settings.items()}
