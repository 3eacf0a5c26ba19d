"""Every process of the journey, started on this machine: a registry, an ESR, three agents, and wallets."""

import asyncio
import hashlib
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

import schemas
from signed_documents.contexts import context_digest
from staff_passport.demo.agent_client import AgentClient, PortalKey
from staff_passport.demo.environment import Environment
from staff_passport.demo.wallet_client import WalletClient
from staff_passport.embedded_postgres import EmbeddedPostgres
from staff_passport.processes import Process, Processes, Program

type Json = dict[str, Any]

CONSOLE = (sys.executable, "-m", "staff_passport")
"""The console program, from the Python that runs this."""
SANDBOX_CONTROL = "the-sandbox-control-token"
REGISTRY_SIZE = 100
"""Credentials in one revocation registry: enough for a demonstration, and quickly made."""


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the demonstration, and its people: user id → entry in its list of users."""

    slug: str
    ods_code: str
    name: str
    vpd: str | None
    users: Mapping[str, Json]
    issues: bool = False
    verifies: bool = False
    settings: Mapping[str, Json] = field(default_factory=dict)
    """What goes over its agent's own sections."""
    agent: bool = True
    """Whether an agent of ours is started for it; it may write to the registry either way."""

    @property
    def administrator(self) -> str:
        """The user who sets things up."""
        return f"administrator@{self.slug}.example"


def _officers(slug: str) -> dict[str, Json]:
    """Who sets things up, and who may see afterwards what everybody did."""
    return {
        f"{role}@{slug}.example": {"roles": [role], "status": "active"}
        for role in ("administrator", "auditor")
    }


def _nominated(slug: str, **people: str | None) -> dict[str, Json]:
    """Nominated users with their ESR employee numbers; None for one whom nobody recorded."""
    return {
        f"{name}@{slug}.example": {"roles": ["nominated_user"], "status": "active", "employee_number": number}
        for name, number in people.items()
    }


OPERATOR = Party("operator", "ZZOP1", "Staff Passport Operator", None, _officers("operator"))
NORTHMOOR = Party(
    "northmoor",
    "ZZNM1",
    "Northmoor Teaching Hospitals",
    "901",
    _officers("northmoor")
    | _nominated(
        "northmoor", ottilie="90100001", kofi="90100002", tegan="90100003", samir="90100004", nobody=None
    ),
    issues=True,
    verifies=True,
)
CALDER_BAY = Party(
    "calder-bay",
    "ZZCB1",
    "Calder Bay Community Care",
    "902",
    _officers("calder-bay") | _nominated("calder-bay", wanjiru="90200001"),
    verifies=True,
)
PARTIES = (OPERATOR, NORTHMOOR, CALDER_BAY)


@dataclass(slots=True)
class RunningAgent:
    """One organisation's agent as it runs: its process, its settings, and its files."""

    party: Party
    settings: Json
    folder: Path
    program: Program
    process: Process | None = None

    @property
    def base(self) -> str:
        """Where its admin API is."""
        return f"http://127.0.0.1:{self.settings['admin']['port']}"

    def write_users(self, users: Mapping[str, Json]) -> None:
        """Replace its list of nominated users."""
        write_whole(
            Path(self.settings["organisation"]["nominated_users"]), yaml.safe_dump({"users": dict(users)})
        )


@dataclass(slots=True)
class Network:
    """The running processes, and the ways to them."""

    folder: Path
    environment: Environment
    postgres: EmbeddedPostgres
    processes: Processes
    session: aiohttp.ClientSession
    portal: PortalKey
    ports: dict[str, int]
    parties: Sequence[Party] = PARTIES
    agents: dict[str, RunningAgent] = field(default_factory=dict)
    write_tokens: dict[str, str] = field(default_factory=dict)
    wallets: dict[str, WalletClient] = field(default_factory=dict)
    dids: dict[str, str] = field(default_factory=dict)
    registry_tls: Json | None = None
    registry: Process | None = None
    esr: Process | None = None

    @property
    def registry_url(self) -> str:
        """Where this machine finds the registry."""
        return f"http://127.0.0.1:{self.ports['registry']}"

    @property
    def trust_list(self) -> Path:
        """The trust list that every agent reads."""
        return self.folder / "trust-list.yml"

    def client(self, party: Party, user: str | None = None) -> AgentClient:
        """The way of `user`, or of the administrator, to their organisation's agent."""
        agent = self.agents[party.slug]
        key = agent.settings["admin"]["api_key"]
        person = f"{user}@{party.slug}.example" if user else party.administrator
        return AgentClient(self.session, agent.base, key, party.ods_code, self.portal, person)

    async def sandbox(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call the ESR sandbox's control API."""
        url = f"http://127.0.0.1:{self.ports['esr']}/sandbox{path}"
        headers = {"Authorization": f"Bearer {SANDBOX_CONTROL}"}
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            answer.raise_for_status()
            content: Json = await answer.json(content_type=None) or {}
            return content

    def write_trust_list(self, change: Callable[[Json], Json] = lambda listing: listing) -> None:
        """Write the list with every DID that is known, after `change`."""
        listing = self.environment.trust_list_with(self.dids.get(OPERATOR.ods_code), self.dids)
        write_whole(self.trust_list, yaml.safe_dump(change(listing), sort_keys=False))

    async def start_agent(self, party: Party) -> None:
        """Start an organisation's agent, and wait until it is ready."""
        agent = self.agents[party.slug]
        agent.process = await self.processes.start(
            agent.program, ready=f"{agent.base}/status/ready", within=90
        )

    async def start_registry(self) -> None:
        """Start the registry, and wait until it is ready."""
        program = _program("registry", self.folder / "registry", _registry_settings(self))
        self.registry = await self.processes.start(program, ready=f"{self.registry_url}/status/live")

    async def start_esr(self) -> None:
        """Start the ESR sandbox, and wait until it is ready."""
        program = _program("esr-sandbox", self.folder / "esr-sandbox", _esr_settings(self))
        ready = f"http://127.0.0.1:{self.ports['esr']}/status/ready"
        self.esr = await self.processes.start(program, ready=ready)

    async def start_wallet(self, name: str, console: Sequence[str] = CONSOLE) -> WalletClient:
        """Start a wallet for one person, and remember it under their name."""
        settings = _wallet_settings(self, name)
        program = _program("wallet", self.folder / f"wallet-{name}", settings, console)
        base = f"http://127.0.0.1:{settings['control']['port']}"
        await self.processes.start(program, ready=f"{base}/status/ready", within=90)
        self.wallets[name] = WalletClient(self.session, base, settings["control"]["api_key"])
        return self.wallets[name]


@asynccontextmanager
async def a_network(
    folder: Path,
    postgres: EmbeddedPostgres,
    *,
    parties: Sequence[Party] = PARTIES,
    environment: Environment | None = None,
    registry_tls: Json | None = None,
    overrides: Mapping[str, Json] | None = None,
    wallets: Sequence[str] = (),
) -> AsyncIterator[Network]:
    """Start all of it with its files in `folder`; stop all of it at the end of the block.

    `environment` registers `parties`, the operator among them; `registry_tls` is the registry's `tls`
    section; `overrides` goes over every agent's sections; a wallet is started for each name in `wallets`.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        processes = await stack.enter_async_context(Processes())
        ports = {"registry": free_port(), "esr": free_port()}
        known = environment or Environment.read()
        network = Network(folder, known, postgres, processes, session, PortalKey.new(), ports, parties)
        network.registry_tls = registry_tls
        network.write_trust_list()
        with_agent = [party for party in parties if party.agent]
        for party in with_agent:
            network.agents[party.slug] = _configured(network, party, overrides or {})
        await asyncio.gather(
            network.start_registry(),
            network.start_esr(),
            *(_migrate(agent) for agent in network.agents.values()),
        )
        await asyncio.gather(*map(network.start_agent, with_agent))
        await asyncio.gather(set_up(network), *map(network.start_wallet, wallets))
        yield network


async def set_up(network: Network) -> None:
    """Make the DIDs, register the organisations, publish schemas and definitions. Again does no harm."""
    parties = [party for party in network.parties if party.agent]
    made = await asyncio.gather(*(network.client(party).post("/organisation/did") for party in parties))
    network.dids = {party.ods_code: answer["did"] for party, answer in zip(parties, made, strict=True)}
    network.write_trust_list()
    await network.client(OPERATOR).post("/national-schemas")
    issuers = [network.client(party) for party in parties if party.issues]
    await asyncio.gather(*(issuer.post("/credential-definitions") for issuer in issuers))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_whole(file: Path, text: str) -> None:
    """Replace a file at once: who reads it sees all of the old or all of the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f"{file.suffix}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _program(process: str, folder: Path, settings: Json, console: Sequence[str] = CONSOLE) -> Program:
    """A process with a folder of its own, which is its HOME too."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{process}.yml"
    write_whole(file, yaml.safe_dump(settings, sort_keys=False))
    file.chmod(0o600)  # there are secrets in it
    argv = (*console, process, "--config", str(file))
    return Program(folder.name, argv, folder / f"{process}.log", home=folder)


def _configured(network: Network, party: Party, overrides: Mapping[str, Json]) -> RunningAgent:
    folder = network.folder / party.slug
    settings = _agent_settings(network, party, folder)
    for section in settings:
        settings[section] |= {**overrides.get(section, {}), **party.settings.get(section, {})}
    agent = RunningAgent(party, settings, folder, _program("agent", folder, settings))
    agent.write_users(party.users)
    return agent


async def _migrate(agent: RunningAgent) -> None:
    argv = (*CONSOLE, "migrate", "--config", str(agent.folder / "agent.yml"))
    child = await asyncio.create_subprocess_exec(*argv)
    if await child.wait() != 0:
        raise RuntimeError(f"the database of {agent.party.name} could not be migrated")


def _agent_settings(network: Network, party: Party, folder: Path) -> Json:
    databases = network.postgres.provide(party.slug)
    didcomm = free_port()
    settings: Json = {
        "organisation": {
            "ods_code": party.ods_code,
            "name": party.name,
            "vpd": party.vpd,
            "nominated_users": str(folder / "nominated-users.yml"),
            "portal_keys": {network.portal.id: network.portal.public_pem},
            "audit_salt": secrets.token_hex(16),
        },
        "admin": {"port": free_port(), "api_key": secrets.token_urlsafe(24)},
        "didcomm": {"port": didcomm, "endpoint": f"http://127.0.0.1:{didcomm}"},
        "database": {"url": databases.url, "migration_url": databases.migration_url},
        "wallet": {"key": secrets.token_urlsafe(24), "storage": databases.wallet.url},
        "trust": {"list": str(network.trust_list)},
        "registry": {
            "origin": network.environment.origin,
            "registry_url": network.registry_url,
            "path": f"organisations/{party.slug}",
            "write_token": write_token(network, party),
        },
    }
    if party.issues:
        settings["issuer"] = {"code_key": secrets.token_hex(16), "revocation_registry_size": REGISTRY_SIZE}
        settings["esr"] = {
            "base_url": f"http://127.0.0.1:{network.ports['esr']}",
            "client_id": party.slug,
            "client_secret": f"{party.slug}-sandbox-secret",
            "search_key": secrets.token_hex(32),
        }
    if party.verifies:
        settings["verifier"] = {}
    return settings


def write_token(network: Network, party: Party) -> str:
    """With what an organisation writes to its own part of the registry."""
    return network.write_tokens.setdefault(party.slug, secrets.token_hex(32))


def _registry_settings(network: Network) -> Json:
    writers = {
        f"organisations/{party.slug}": hashlib.sha256(write_token(network, party).encode()).hexdigest()
        for party in network.parties
    }
    tls = {"tls": network.registry_tls} if network.registry_tls else {}
    return tls | {
        "origin": network.environment.origin,
        "data": str(network.folder / "registry" / "data"),
        "port": network.ports["registry"],
        "writers": writers,
        "context_writer": f"organisations/{OPERATOR.slug}",
    }


def _esr_settings(network: Network) -> Json:
    clients = [
        {"client_id": party.slug, "client_secret": f"{party.slug}-sandbox-secret", "vpd": party.vpd}
        for party in network.parties
        if party.vpd
    ]
    return {"port": network.ports["esr"], "clients": clients, "control_token": SANDBOX_CONTROL}


def _wallet_settings(network: Network, name: str) -> Json:
    didcomm = free_port()
    return {
        "label": f"The wallet of {name}",
        "control": {"port": free_port(), "api_key": secrets.token_urlsafe(24)},
        "didcomm": {"port": didcomm, "endpoint": f"http://127.0.0.1:{didcomm}"},
        "wallet": {
            "key": secrets.token_urlsafe(24),
            "storage": network.postgres.provide_wallet(f"wallet-{name}").url,
        },
        "registry": {
            "origins": {network.environment.origin: network.registry_url},
            "contexts": _context_digests(network.environment.origin),
        },
    }


def _context_digests(origin: str) -> dict[str, str]:
    """What a wallet pins the national contexts to."""
    contexts = schemas.national_contexts(origin, schemas.all_definitions())
    return {url: context_digest(context) for url, context in contexts.items()}
