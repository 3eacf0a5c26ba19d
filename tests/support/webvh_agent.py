"""The wallet of an agent with `agent.webvh` alone, on PostgreSQL: what one publishes another reads."""

import json
from contextlib import AsyncExitStack

from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.wallet import wallet_config
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_TOPIC

from agent.domain.ports.audit import Audit
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.esr import AuditInMemory
from tests.support.registry_server import ORIGIN, write_token

NOBODY = "http://127.0.0.1:1"
"""Where no registry listens."""


async def an_agent(
    postgres: EmbeddedPostgres, registry_url: str, slug: str, *, wallet: str = "", **registry: object
) -> Profile:
    """Opened anew on the same wallet, it is what a restarted process finds. `registry`: further settings."""
    storage = postgres.provide(wallet or slug).wallet
    settings = {
        "wallet.type": "askar-anoncreds",
        "wallet.name": storage.database,
        "wallet.key": "a made-up passphrase of a test",
        "wallet.storage_type": "postgres_storage",
        "wallet.storage_config": json.dumps({"url": storage.address}),
        "wallet.storage_creds": json.dumps({"account": storage.account, "password": storage.password}),
        "ledger.disabled": True,
        "external_plugins": ["agent.webvh"],
        "plugin_config": {
            "agent.webvh": {
                "many": False,
                "organisations": {
                    "ZZXX1": {
                        "origin": ORIGIN,
                        "registry_url": registry_url,
                        "path": f"organisations/{slug}",
                        "write_token": write_token(slug),
                        "new_keys_sign_after": 0,
                        **registry,
                    }
                },
            }
        },
    }
    context = await DefaultContextBuilder(settings).build_context()
    profile, _ = await wallet_config(context, provision=True)
    profile.context.injector.bind_instance(Audit, AuditInMemory())
    return profile


async def close(profile: Profile) -> None:
    """What a process does at its end."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(profile.close)
        await profile.notify(SHUTDOWN_EVENT_TOPIC, {})
        await profile.inject(EventBus).task_queue.wait_for(5)
