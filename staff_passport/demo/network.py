"""Every process of the journey, started on this machine: a registry, an ESR, three agents, and wallets."""

import asyncio
import hashlib
import secrets
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import schemas
from agent_client import AgentClient, PortalKey
from signed_documents.contexts import context_digest
from staff_passport.configuration import merged
from staff_passport.demo import trust
from staff_passport.demo.environment import Environment
from staff_passport.demo.local_authority import Certified, LocalAuthority
from staff_passport.demo.onboarding import DIRECTOR, OPERATORS, onboard, publish_definitions
from staff_passport.demo.outbox import Outbox
from staff_passport.demo.wallet_client import WalletClient
from staff_passport.embedded_postgres import EmbeddedPostgres
from staff_passport.processes import Process, Processes, Program, answers

type Json = dict[str, Any]

CONSOLE = (sys.executable, "-m", "staff_passport")
"""The console program, from the Python that runs this."""
SANDBOX_CONTROL = "the-sandbox-control-token"
WORKER = "worker"
"""What the worker is called as a machine."""
LOOPBACK = "127.0.0.1"
PORTAL = "https://portal.staff-passport.example"
"""Where links in e-mails lead; nobody is there yet."""
TERMS = Path(__file__).resolve().parents[2] / "docs" / "terms"
REGISTRY_SIZE = 100
"""Credentials in one revocation registry: enough for a demonstration, and quickly made."""


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the demonstration, and its people: user id → roles and employee number.

    `first` are entered by its agent's settings; they nominate all others.
    """

    slug: str
    ods_code: str
    name: str
    vpd: str | None
    first: Mapping[str, Json]
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

    @property
    def administrators(self) -> Mapping[str, Json]:
        """Whom the director nominates."""
        return {user: entry for user, entry in self.users.items() if "administrator" in entry["roles"]}

    @property
    def others(self) -> Mapping[str, Json]:
        """Whom the administrators nominate."""
        return {user: entry for user, entry in self.users.items() if "administrator" not in entry["roles"]}


def director_of(slug: str) -> dict[str, Json]:
    """Who registers an organisation."""
    return {f"{DIRECTOR}@{slug}.example": {"roles": ["hr_director"]}}


def officers_of(slug: str) -> dict[str, Json]:
    """Who sets things up, and who may see afterwards what everybody did."""
    people = {"administrator": "administrator", "second-administrator": "administrator", "auditor": "auditor"}
    return {f"{name}@{slug}.example": {"roles": [role]} for name, role in people.items()}


def nominated_at(slug: str, **people: str | None) -> dict[str, Json]:
    """Nominated users with their ESR employee numbers; None for one whom nobody recorded."""
    return {
        f"{name}@{slug}.example": {"roles": ["nominated_user"], "employee_number": number}
        for name, number in people.items()
    }


OPERATOR = Party(
    "operator",
    "ZZOP1",
    "Staff Passport Operator",
    None,
    {f"{name}@operator.example": {"roles": ["operator"]} for name in OPERATORS} | officers_of("operator"),
    {},
)
NORTHMOOR = Party(
    "northmoor",
    "ZZNM1",
    "Northmoor Teaching Hospitals",
    "901",
    director_of("northmoor"),
    officers_of("northmoor")
    | nominated_at(
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
    director_of("calder-bay"),
    officers_of("calder-bay") | nominated_at("calder-bay", wanjiru="90200001"),
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
    tokens: dict[str, str] = field(default_factory=dict)
    """What lets each party in, by ODS code, at an agent that speaks for many."""

    @property
    def base(self) -> str:
        """Where its admin API is."""
        return f"http://127.0.0.1:{self.settings['admin']['port']}"


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
    esr_authority: LocalAuthority
    parties: Sequence[Party] = PARTIES
    agents: dict[str, RunningAgent] = field(default_factory=dict)
    write_tokens: dict[str, str] = field(default_factory=dict)
    wallets: dict[str, WalletClient] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    """Where the pages of those wallets are that have some, by the person's name."""
    dids: dict[str, str] = field(default_factory=dict)
    unregistered_hosts: str = "decline"
    """What wallets do with hosts that do not prove to be registered."""
    root_keys: Sequence[Ed25519PrivateKey] = field(default_factory=trust.new_root_keys)
    """Two of these sign a root of the trust list; elsewhere, three people have one each."""
    esr_certificates: dict[str, Certified] = field(default_factory=dict)
    """With which each organisation's agent proves itself to ESR, by slug."""
    registry_tls: Json | None = None
    overrides: Mapping[str, Json] = field(default_factory=dict)
    ledgers: Path | None = None
    """Where wallets find Indy ledgers, if they are to know any."""
    registry: Process | None = None
    esr: Process | None = None
    worker: Process | None = None
    worker_key: PortalKey = field(default_factory=lambda: replace(PortalKey.new(), id=WORKER))
    esr_tls: ssl.SSLContext = field(init=False)
    """Whom we believe that they are ESR."""

    def __post_init__(self) -> None:
        self.esr_tls = self.esr_authority.client_tls()

    @property
    def operator(self) -> Party:
        """Who registers everybody else."""
        return self.parties[0]

    @property
    def outbox(self) -> Outbox:
        """What was sent by e-mail."""
        return Outbox(self.folder / "outbox")

    @property
    def registry_url(self) -> str:
        """Where this machine finds the registry."""
        return f"http://127.0.0.1:{self.ports['registry']}"

    @property
    def esr_url(self) -> str:
        """Where this machine finds ESR."""
        return f"https://{LOOPBACK}:{self.ports['esr']}"

    @property
    def trust_root(self) -> Path:
        """The root from which everybody verifies the trust list, once there is one."""
        return self.folder / "root.json"

    def client(self, party: Party, user: str | None = None) -> AgentClient:
        """The way of `user`, or of the administrator, to their organisation's agent."""
        agent = self.agents[party.slug]
        key, token = agent.settings["admin"]["api_key"], agent.tokens.get(party.ods_code)
        person = f"{user}@{party.slug}.example" if user else party.administrator
        return AgentClient(self.session, agent.base, key, party.ods_code, self.portal, person, token)

    def machine(self, party: Party) -> AgentClient:
        """The worker's way to an organisation's agent."""
        key = PortalKey(WORKER, self.worker_key.private)
        return replace(self.client(party), portal=key, user=f"machine:{WORKER}")

    async def sandbox(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call the ESR sandbox's control API."""
        url = f"{self.esr_url}/sandbox{path}"
        headers = {"Authorization": f"Bearer {SANDBOX_CONTROL}"}
        async with self.session.request(method, url, json=body, headers=headers, ssl=self.esr_tls) as answer:
            answer.raise_for_status()
            content: Json = await answer.json(content_type=None) or {}
            return content

    async def start_agent(self, party: Party) -> None:
        """Start an organisation's agent, and wait until it is ready."""
        agent = self.agents[party.slug]
        agent.process = await self.processes.start(agent.program, ready=f"{agent.base}/status/ready")

    async def start_registry(self) -> None:
        """Start the registry, and wait until it is ready."""
        program = _program("registry", self.folder / "registry", _registry_settings(self))
        self.registry = await self.processes.start(program, ready=f"{self.registry_url}/status/live")

    async def start_esr(self) -> None:
        """Start the ESR sandbox, and wait until it is ready."""
        program = _program("esr-sandbox", self.folder / "esr-sandbox", _esr_settings(self))
        ready = answers(f"{self.esr_url}/status/ready", tls=self.esr_tls)
        self.esr = await self.processes.start(program, ready=ready)

    async def start_worker(self) -> None:
        """Start the worker, for every agent."""
        program = _program("worker", self.folder / "worker", _worker_settings(self))
        self.worker = await self.processes.start(program)

    async def start_wallet(
        self,
        name: str,
        console: Sequence[str] = CONSOLE,
        *,
        unregistered: str | None = None,
        phone: int | None = None,
    ) -> WalletClient:
        """Start a wallet for one person, and remember it under their name.

        `unregistered`: what it does with hosts that do not prove to be registered, if not as others do.
        `phone`: the port of its pages, if it has any.
        """
        settings = _wallet_settings(self, name)
        settings["phone"] = None if phone is None else {"port": phone}
        settings["hosts"]["unregistered"] = unregistered or self.unregistered_hosts
        program = _program("wallet", self.folder / f"wallet-{name}", settings, console)
        base = f"http://127.0.0.1:{settings['control']['port']}"
        await self.processes.start(program, ready=f"{base}/status/ready")
        self.wallets[name] = WalletClient(self.session, base, settings["control"]["api_key"])
        if phone is not None:
            self.phones[name] = f"http://{LOOPBACK}:{phone}"
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
    registered: bool = True,
) -> AsyncIterator[Network]:
    """Start all of it with its files in `folder`; stop all of it at the end of the block.

    `environment` registers `parties`, the operator among them; `registry_tls` is the registry's `tls`
    section; `overrides` goes over every agent's sections, and its `esr-sandbox` over the sandbox's settings.
    Unless `registered`, nobody is yet: see `set_up`.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        processes = await stack.enter_async_context(Processes())
        ports = {"registry": free_port(), "esr": free_port()}
        known = environment or Environment.read()
        authority = LocalAuthority.new(folder / "esr-authority")
        network = Network(
            folder, known, postgres, processes, session, PortalKey.new(), ports, authority, parties
        )
        network.registry_tls, network.overrides = registry_tls, overrides or {}
        with_agent = [party for party in parties if party.agent]
        for party in with_agent:
            network.agents[party.slug] = _configured(network, party, overrides or {})
        await asyncio.gather(
            network.start_registry(),
            network.start_esr(),
            *(_migrate(agent) for agent in network.agents.values()),
        )
        await asyncio.gather(network.start_worker(), *map(network.start_agent, with_agent))
        if registered:
            await set_up(network)
        yield network


async def set_up(network: Network) -> None:
    """Register the organisations, have their people sign in, publish schemas and definitions.

    Again does no harm.
    """
    operator, *others = [party for party in network.parties if party.agent]
    network.dids[operator.ods_code] = (await network.client(operator).post("/organisation/did"))["did"]
    await trust.establish(network)
    _, *dids = await asyncio.gather(
        network.client(operator).post("/national-schemas"), *(onboard(network, party) for party in others)
    )
    network.dids |= {party.ods_code: str(did) for party, did in zip(others, dids, strict=True)}
    await trust.enter(network)
    await network.client(operator).post("/organisation/did/trust-registry")
    issuers = [network.client(party) for party in others if party.issues]
    await asyncio.gather(*map(publish_definitions, issuers))


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
    settings = _agent_settings(network, party)
    for changes in (overrides, party.settings):
        for section in settings.keys() & changes.keys():
            settings[section] = merged(settings[section], dict(changes[section]))
    return RunningAgent(party, settings, folder, _program("agent", folder, settings))


async def _migrate(agent: RunningAgent) -> None:
    argv = (*CONSOLE, "migrate", "--config", str(agent.folder / "agent.yml"))
    child = await asyncio.create_subprocess_exec(*argv)
    if await child.wait() != 0:
        raise RuntimeError(f"the database of {agent.party.name} could not be migrated")


def _agent_settings(network: Network, party: Party) -> Json:
    databases = network.postgres.provide(party.slug)
    settings: Json = {
        "organisation": {
            "ods_code": party.ods_code,
            "name": party.name,
            "vpd": party.vpd,
            "first_people": {user: _first_person(user, entry) for user, entry in party.first.items()},
            "portal": PORTAL,
            "terms": str(TERMS),
            "ask_operator_every": 1,
            "machine_clients": {WORKER: _worker_as_machine(network)},
            "portal_keys": {network.portal.id: network.portal.public_pem},
            "audit_salt": secrets.token_hex(16),
        },
        "admin": {"port": free_port(), "api_key": secrets.token_urlsafe(24)},
        "didcomm": _on_this_machine(free_port()),
        "database": {
            "url": databases.url,
            "migration_url": databases.migration_url,
            "worker_role": databases.worker_role,
        },
        "wallet": {"key": secrets.token_urlsafe(24), "storage": databases.wallet.url},
        "trust": {
            "root": str(network.trust_root),
            "folder": str(network.folder / party.slug / "trust-list"),
            "refetch_after": 0,  # what is published is seen at once
        },
        "registry": {
            "origin": network.environment.origin,
            "registry_url": network.registry_url,
            "path": f"organisations/{party.slug}",
            "write_token": write_token(network, party),
        },
    }
    if party is network.operator:
        settings["operator"] = {"reconcile_every": 2}
    if party.issues:
        settings["issuer"] = {"code_key": secrets.token_hex(16), "revocation_registry_size": REGISTRY_SIZE}
        settings["esr"] = {
            "base_url": network.esr_url,
            "tls": _tls(network, esr_certificate(network, party)),
            "client_id": party.slug,
            "client_secret": f"{party.slug}-sandbox-secret",
            "search_key": secrets.token_hex(32),
            "outbound": {"inbox": str(inbox_of(network, party)), "key": secrets.token_hex(32)},
        }
    if party.verifies:
        settings["verifier"] = {}
    return settings


def inbox_of(network: Network, party: Party) -> Path:
    """Where the party's outbound files come in."""
    inbox = network.folder / party.slug / "esr-inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return inbox


def _first_person(user: str, entry: Json) -> Json:
    name = user.partition("@")[0].replace("-", " ").title()
    return {"name": name, "email": user, "roles": entry["roles"]}


def _worker_as_machine(network: Network) -> Json:
    return {
        "key": network.worker_key.public_pem,
        "permissions": ["notification:deliver", "retention:run", "esr:import"],
        "expires": "2100-01-01T00:00:00Z",
    }


def _worker_settings(network: Network) -> Json:
    """A queue for each agent, which may speak for many."""
    codes = {party.slug: party.ods_code for party in network.parties}
    spoken_for: dict[str, list[str]] = {}
    for slug, agent in network.agents.items():
        spoken_for.setdefault(agent.folder.name, []).append(codes[slug])
    agents = {agent.folder.name: agent for agent in network.agents.values()}
    queues = [_queue(network, agents[name], organisations) for name, organisations in spoken_for.items()]
    mail = {"sender": "staff-passport@operator.example", "outbox": str(network.folder / "outbox")}
    return {"queues": queues, "mail": mail}


def _queue(network: Network, agent: RunningAgent, organisations: list[str]) -> Json:
    let_in = {"tokens": agent.tokens} if agent.tokens else {"api_key": agent.settings["admin"]["api_key"]}
    return {
        "database": network.postgres.provide(agent.folder.name).worker_url,
        "agent": {
            "url": agent.base,
            "organisations": organisations,
            "machine": WORKER,
            "key": network.worker_key.private_pem,
            **let_in,
        },
    }


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


def esr_certificate(network: Network, party: Party) -> Certified:
    """With which an organisation's agent proves itself to ESR."""
    if party.slug not in network.esr_certificates:
        network.esr_certificates[party.slug] = network.esr_authority.certify(party.slug)
    return network.esr_certificates[party.slug]


def _tls(network: Network, ours: Certified) -> Json:
    authority = str(network.esr_authority.certificate)
    return {"certificate": str(ours.certificate), "key": str(ours.key), "certificate_authority": authority}


def _esr_settings(network: Network) -> Json:
    served = network.esr_authority.certify("esr", LOOPBACK)
    return {
        "port": network.ports["esr"],
        "tls": {
            "certificate": str(served.certificate),
            "key": str(served.key),
            "client_authority": str(network.esr_authority.certificate),
        },
        "clients": [_esr_client(network, party) for party in network.parties if party.vpd],
        "control_token": SANDBOX_CONTROL,
        **network.overrides.get("esr-sandbox", {}),
    }


def _esr_client(network: Network, party: Party) -> Json:
    return {
        "client_id": party.slug,
        "client_secret": f"{party.slug}-sandbox-secret",
        "vpd": party.vpd,
        "certificate_sha256": esr_certificate(network, party).sha256,
    }


def _on_this_machine(port: int) -> Json:
    return {
        "port": port,
        "endpoint": f"http://127.0.0.1:{port}",
        "private_endpoints": ["127.0.0.1"],
    }


def _wallet_settings(network: Network, name: str) -> Json:
    return {
        "label": f"The wallet of {name}",
        "control": {"port": free_port(), "api_key": secrets.token_urlsafe(24)},
        "didcomm": _on_this_machine(free_port()),
        "wallet": {
            "key": secrets.token_urlsafe(24),
            "storage": network.postgres.provide_wallet(f"wallet-{name}").url,
        },
        "registry": {
            "origins": {network.environment.origin: network.registry_url},
            "contexts": _context_digests(network.environment.origin),
        },
        "hosts": {
            "trust": {
                "url": f"{network.environment.origin}/trust-list",
                "root": str(network.trust_root),
                "folder": str(network.folder / f"wallet-{name}" / "trust-list"),
                "refetch_after": 0,
            },
            "types": {each.type_name: each.name for each in schemas.all_definitions()},
        },
        "ledgers": None if network.ledgers is None else str(network.ledgers),
    }


def _context_digests(origin: str) -> dict[str, str]:
    """What a wallet pins the national contexts to."""
    contexts = schemas.national_contexts(origin, schemas.all_definitions())
    return {url: context_digest(context) for url, context in contexts.items()}
