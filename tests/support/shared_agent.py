"""An agent that speaks for two organisations: one that issues, and one that asks."""

import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from agent_client import PortalKey
from staff_passport.demo.environment import Environment, registered
from staff_passport.demo.network import (
    CONSOLE,
    OPERATOR,
    Network,
    Party,
    RunningAgent,
    _agent_settings,
    a_network,
    director_of,
    free_port,
    nominated_at,
    officers_of,
    write_whole,
)
from staff_passport.embedded_postgres import EmbeddedPostgres
from staff_passport.processes import Program
from tests.support.network import QUICK

type Json = dict[str, Any]

FENWICK = Party(
    "fenwick",
    "ZZFW1",
    "Fenwick Community Trust",
    "902",
    director_of("fenwick"),
    officers_of("fenwick") | nominated_at("fenwick", ines="90200001"),
    issues=True,
    verifies=True,
)
HARTLOW = Party(
    "hartlow",
    "ZZHL1",
    "Hartlow Hospital",
    None,
    director_of("hartlow"),
    officers_of("hartlow") | nominated_at("hartlow", jonas=None),
    verifies=True,
)
TENANTS = (FENWICK, HARTLOW)


@dataclass(frozen=True, slots=True)
class Custodians:
    """Two people, each with a key of their own."""

    folder: Path
    keys: Mapping[str, PortalKey]

    def agree(self, name: str, organisation: str) -> Path:
        """What one of them writes when they agree."""
        key = self.folder / f"{name}.pem"
        key.write_text(self.keys[name].private_pem)
        said = console("tenant", "agree", organisation, "--as", name, "--key", str(key))
        file = self.folder / f"{name}-{organisation}.jwt"
        file.write_text(said.stdout)
        return file


@dataclass(frozen=True, slots=True)
class SharedNetwork:
    """The network, and who keeps the shared agent's tokens."""

    network: Network
    custodians: Custodians
    config: Path

    def token(self, organisation: str, *agreed: Path) -> subprocess.CompletedProcess[str]:
        """Make a token with these agreements, as on the agent's own machine."""
        files = [word for file in agreed for word in ("--agreed", str(file))]
        return console("tenant", "token", organisation, *files, "--config", str(self.config))

    def let_in(self, party: Party) -> None:
        """Make a token for a party, with which its people's calls come from now on."""
        agreed = [self.custodians.agree(name, party.ods_code) for name in self.custodians.keys]
        made = self.token(party.ods_code, *agreed)
        assert made.returncode == 0, made.stderr
        self.network.agents[party.slug].tokens[party.ods_code] = made.stdout.strip()


def console(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "staff_passport", *words], capture_output=True, text=True, check=False
    )


@asynccontextmanager
async def a_shared_network() -> AsyncIterator[SharedNetwork]:
    """Everything started, with a shared agent; nobody of its organisations has registered yet."""
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-shared-") as name,
        EmbeddedPostgres.temporary() as postgres,
    ):
        folder = Path(name)
        waiting = tuple(replace(party, agent=False) for party in TENANTS)
        parties = (OPERATOR, *waiting)
        async with a_network(
            folder, postgres, parties=parties, environment=environment(), overrides=QUICK
        ) as network:
            yield await _with_shared_agent(network)


async def _with_shared_agent(network: Network) -> SharedNetwork:
    custodians = Custodians(network.folder, {name: PortalKey.new() for name in ("dana", "emil")})
    folder = network.folder / "shared"
    settings = _settings(network, custodians)
    config = folder / "agent.yml"
    write_whole(config, yaml.safe_dump(settings, sort_keys=False))
    migrated = console("migrate", "--config", str(config))
    assert migrated.returncode == 0, migrated.stderr
    program = Program(
        "shared", (*CONSOLE, "agent", "--config", str(config)), folder / "agent.log", home=folder
    )
    agent = RunningAgent(OPERATOR, settings, folder, program)
    for party in TENANTS:
        network.agents[party.slug] = agent
    await network.start_agent(FENWICK)
    shared = SharedNetwork(network, custodians, config)
    for party in TENANTS:
        shared.let_in(party)
    assert network.worker is not None
    await network.worker.stop()
    await network.start_worker()
    return shared


def _settings(network: Network, custodians: Custodians) -> Json:
    """What both organisations have of their own, and one of everything else."""
    each = {party.slug: _agent_settings(network, party) for party in TENANTS}
    for settings in each.values():
        settings["verifier"] |= QUICK["verifier"]
    common = each[FENWICK.slug]
    own = ("organisation", "registry", "issuer", "esr", "verifier")
    databases = network.postgres.provide("shared")
    return {
        "shared": {
            "token_secret": "a token secret of at least 32 characters",
            "custodians": {name: key.public_pem for name, key in custodians.keys.items()},
            "organisations": [
                {section: settings[section] for section in own if section in settings}
                for settings in each.values()
            ],
        },
        "admin": {**common["admin"], "port": free_port()},
        "didcomm": common["didcomm"],
        "database": {
            "url": databases.url,
            "migration_url": databases.migration_url,
            "worker_role": databases.worker_role,
        },
        "wallet": {**common["wallet"], "storage": databases.wallet.url},
        "trust": common["trust"],
        "registry": {name: common["registry"][name] for name in ("origin", "registry_url")},
    }


def environment() -> Environment:
    """The embedded environment, with the tenants registered too."""
    known = Environment.read()
    added = [registered(party.ods_code, party.name, issues=party.issues) for party in TENANTS]
    return Environment(known.origin, (*known.organisations, *added))
