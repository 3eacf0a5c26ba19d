"""ACA-Py as it comes from PyPI, with `agent.webvh` and nothing else of ours, driven by its webhooks."""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.happenings import Happenings
from bench.process_figures import Meter
from staff_passport.demo.network import OPERATOR, Network, Party, free_port, write_token, write_whole
from staff_passport.embedded_postgres import WalletStorage
from staff_passport.processes import Program

type Json = dict[str, Any]

WALLET_KEY = "a made-up passphrase of the benchmark"
WEBVH = "agent.webvh"
START_SECONDS = 90
SET_UP_SECONDS = 300

_IDENTIFIERS: Mapping[str, tuple[str, str]] = {
    "connections": ("invitation_msg_id", "rfc23_state"),
    "issue_credential_v2_0": ("cred_ex_id", "state"),
    "present_proof_v2_0": ("pres_ex_id", "state"),
}
"""Under what a webhook's body says what it is about, and how that stands."""


class StockCallFailed(Exception):
    """A stock agent answered with an error."""


@dataclass(frozen=True, slots=True)
class StockAgent:
    """A running stock agent: its admin API, and what it tells by webhook."""

    session: aiohttp.ClientSession
    base: str
    webhooks: Happenings
    meter: Meter
    did: str
    definitions: Mapping[str, str]  # credential type → id of its credential definition

    async def post(self, path: str, body: Json | None = None) -> Json:
        """Raises `StockCallFailed`."""
        async with self.session.post(self.base + path, json=body or {}) as answer:
            if answer.status != HTTPStatus.OK:
                raise StockCallFailed(f"{path}: {answer.status} {await answer.text()}")
            content: Json = await answer.json()
            return content


class WebhookReceiver:
    """Where the stock agents' webhooks arrive, each agent's under a path of its own."""

    def __init__(self) -> None:
        self._told: dict[str, Happenings] = {}
        self.url = ""

    def of(self, agent: str) -> Happenings:
        """What `agent` tells."""
        return self._told.setdefault(agent, Happenings())

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator["WebhookReceiver"]:
        """Listen on a free port for the length of the block."""
        app = web.Application()
        app.router.add_post("/{agent}/topic/{topic}/", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        topic, body = request.match_info["topic"], await request.json()
        if topic in _IDENTIFIERS:
            identifier, state = (str(body.get(name)) for name in _IDENTIFIERS[topic])
            self.of(request.match_info["agent"]).tell((topic, identifier, state), body)
        return web.json_response({})


async def start_stock_agent(
    network: Network, party: Party, webhooks: WebhookReceiver, *, registry_size: int
) -> StockAgent:
    """Set up the wallet of `party` in a process of its own, then start the agent on it."""
    folder = network.folder / party.slug
    storage = network.postgres.provide_wallet(party.slug)
    plugins = {WEBVH: _webvh(network, party)}
    made = await _set_up(network, folder, party, registry_size=registry_size, storage=storage)
    admin = free_port()
    base = f"http://127.0.0.1:{admin}"
    argv = _argv(storage, folder, plugins, admin=admin, told_at=f"{webhooks.url}/{party.slug}")
    program = Program(party.slug, argv, folder / "agent.log", home=folder, environment={"RUST_LOG": "off"})
    process = await network.processes.start(program, ready=f"{base}/status/ready", within=START_SECONDS)
    meter = Meter(process.pid or 0)
    return StockAgent(network.session, base, webhooks.of(party.slug), meter, made["did"], made["definitions"])


async def _set_up(
    network: Network, folder: Path, party: Party, *, registry_size: int, storage: WalletStorage
) -> Json:
    told, made = folder / "set-up.json", folder / "made.json"
    what = {
        "settings": _acapy_settings(storage, {WEBVH: _webvh(network, party)}),
        "operator": network.dids[OPERATOR.ods_code] if party.issues else None,
        "registry_size": registry_size,
    }
    write_whole(told, json.dumps(what))
    argv = (sys.executable, "-m", "bench.stock_setup", str(told), str(made))
    program = Program(f"set-up of {party.slug}", argv, folder / "set-up.log", home=folder)

    async def is_made() -> bool:
        return made.exists() and bool(made.read_text(encoding="utf-8"))

    await network.processes.start(program, ready=is_made, within=SET_UP_SECONDS)
    content: Json = json.loads(made.read_text(encoding="utf-8"))
    return content


def _webvh(network: Network, party: Party) -> Json:
    own = {
        "origin": network.environment.origin,
        "registry_url": network.registry_url,
        "path": f"organisations/{party.slug}",
        "write_token": write_token(network, party),
    }
    return {"many": False, "organisations": {party.ods_code: own}}


def _acapy_settings(storage: WalletStorage, plugins: Json) -> Json:
    """The settings of `_argv`, as far as they are about wallet and plugins, as ACA-Py reads them."""
    return {
        "wallet.type": "askar-anoncreds",
        "wallet.name": storage.database,
        "wallet.key": WALLET_KEY,
        "wallet.storage_type": "postgres_storage",
        "wallet.storage_config": json.dumps({"url": storage.address}),
        "wallet.storage_creds": json.dumps({"account": storage.account, "password": storage.password}),
        "ledger.disabled": True,
        "external_plugins": list(plugins),
        "plugin_config": plugins,
    }


def _argv(storage: WalletStorage, folder: Path, plugins: Json, *, admin: int, told_at: str) -> Sequence[str]:
    """As a stock agent is driven: webhooks on, nothing done by itself, records kept as ours keeps them."""
    configuration = folder / "plugins.json"
    write_whole(configuration, json.dumps(plugins))
    didcomm = str(free_port())
    account = {"account": storage.account, "password": storage.password}
    return (
        *(sys.executable, "-m", "acapy_agent", "start", "--log-level", "warning", "--label", "Stock"),
        *("--admin", "127.0.0.1", str(admin), "--admin-insecure-mode", "--webhook-url", told_at),
        *("--inbound-transport", "http", "127.0.0.1", didcomm, "--outbound-transport", "http"),
        *("--endpoint", f"http://127.0.0.1:{didcomm}", "--no-ledger", "--preserve-exchange-records"),
        *("--wallet-type", "askar-anoncreds", "--wallet-name", storage.database),
        *("--wallet-key", WALLET_KEY, "--wallet-storage-type", "postgres_storage"),
        *("--wallet-storage-config", json.dumps({"url": storage.address})),
        *("--wallet-storage-creds", json.dumps(account)),
        *("--plugin-config", str(configuration), "--plugin", WEBVH),
    )
