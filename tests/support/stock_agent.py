"""ACA-Py as it is, for the other side of a conversation: its own admin API, and what it tells by webhook."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.wallet import wallet_config
from aiohttp import web

from staff_passport.embedded_postgres import WalletStorage
from staff_passport.processes import Processes, Program
from tests.support.ports import free_port

WALLET_KEY = "a made-up passphrase of a test"
PATIENCE_SECONDS = 120
type Json = dict[str, Any]


@dataclass(slots=True)
class Webhooks:
    """Everything that an agent told, in order."""

    told: list[tuple[str, Json]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        async with self.news:
            self.told.append((request.match_info["topic"], await request.json()))
            self.news.notify_all()
        return web.json_response({})

    async def until(self, topic: str, **wanted: str) -> Json:
        """What was told on `topic` with these values, already or soon."""

        def found() -> Json | None:
            fitting = (body for each, body in self.told if each == topic and wanted.items() <= body.items())
            return next(fitting, None)

        async with asyncio.timeout(PATIENCE_SECONDS), self.news:
            await self.news.wait_for(lambda: found() is not None)
            body = found()
        assert body is not None
        return body


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    url: str


class StockAgent:
    """A running ACA-Py."""

    def __init__(self, session: aiohttp.ClientSession, base: str, webhooks: Webhooks) -> None:
        self._session = session
        self._base = base
        self.webhooks = webhooks

    async def get(self, path: str) -> Json:
        async with self._session.get(self._base + path) as response:
            return await _body(response)

    async def post(self, path: str, body: Json | None = None) -> Json:
        async with self._session.post(self._base + path, json=body or {}) as response:
            return await _body(response)

    async def invite(self) -> Invitation:
        body = {"handshake_protocols": ["https://didcomm.org/didexchange/1.1"]}
        invitation = await self.post("/out-of-band/create-invitation?auto_accept=true", body)
        return Invitation(invitation["invi_msg_id"], invitation["invitation_url"])


@asynccontextmanager
async def a_stock_agent(
    storage: WalletStorage,
    folder: Path,
    *,
    plugins: Mapping[str, Json] | None = None,
    label: str = "Northmoor Teaching Hospitals",
) -> AsyncIterator[StockAgent]:
    """A stock ACA-Py with these plugins, on its wallet in `storage`, until the block ends."""
    webhooks = Webhooks()
    admin = free_port()
    base = f"http://127.0.0.1:{admin}"
    async with Processes() as processes, _receiver(webhooks) as told_at, aiohttp.ClientSession() as session:
        argv = _argv(storage, folder, plugins or {}, admin, told_at, label)
        program = Program("stock agent", argv, folder / "stock.log", home=folder)
        await processes.start(program, ready=f"{base}/status/ready")
        yield StockAgent(session, base, webhooks)


async def make_store(storage: WalletStorage) -> None:
    """Make the wallet of a stock agent that is to be started. It would want to make its database, too."""
    settings = {
        "wallet.type": "askar-anoncreds",
        "wallet.name": storage.database,
        "wallet.key": WALLET_KEY,
        "wallet.storage_type": "postgres_storage",
        "wallet.storage_config": json.dumps({"url": storage.address}),
        "wallet.storage_creds": json.dumps({"account": storage.account, "password": storage.password}),
        "ledger.disabled": True,
    }
    profile, _ = await wallet_config(await DefaultContextBuilder(settings).build_context(), provision=True)
    await profile.close()


def _argv(
    storage: WalletStorage, folder: Path, plugins: Mapping[str, Json], admin: int, told_at: str, label: str
) -> Sequence[str]:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "plugins.yaml"
    configuration.write_text(json.dumps(plugins))
    didcomm = str(free_port())
    account = {"account": storage.account, "password": storage.password}
    return (
        *(sys.executable, "-m", "acapy_agent", "start", "--log-level", "warning", "--label", label),
        *("--admin", "127.0.0.1", str(admin), "--admin-insecure-mode", "--webhook-url", told_at),
        *("--inbound-transport", "http", "127.0.0.1", didcomm, "--outbound-transport", "http"),
        *("--endpoint", f"http://127.0.0.1:{didcomm}", "--no-ledger", "--preserve-exchange-records"),
        *("--wallet-type", "askar-anoncreds", "--wallet-name", storage.database, "--auto-provision"),
        *("--wallet-key", WALLET_KEY, "--wallet-storage-type", "postgres_storage"),
        *("--wallet-storage-config", json.dumps({"url": storage.address})),
        *("--wallet-storage-creds", json.dumps(account)),
        *("--plugin-config", str(configuration)),
        *(word for plugin in plugins for word in ("--plugin", plugin)),
    )


@asynccontextmanager
async def _receiver(webhooks: Webhooks) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/topic/{topic}/", webhooks.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _body(response: aiohttp.ClientResponse) -> Json:
    assert response.status == 200, (response.status, await response.text())
    body: Json = await response.json()
    return body
