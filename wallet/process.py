"""The wallet's process: ACA-Py with our plugin and nothing that acts without the person."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast

from acapy_agent.anoncreds.holder import AnonCredsHolder
from acapy_agent.askar.store import AskarStoreConfig
from acapy_agent.commands.start import shutdown_app
from acapy_agent.config import argparse as acapy_arguments
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.util import common_config
from acapy_agent.core.conductor import Conductor
from acapy_agent.core.error import BaseError
from acapy_agent.core.plugin_registry import PluginRegistry

from wallet.holder.gate import gate
from wallet.holder.holder_key import HolderKey
from wallet.holder.routes import ROUTES
from wallet.settings import Phone, Settings

PLUGIN = "wallet.holder"
NOT_STARTED = 1
"""The exit code when the wallet could not start; a wrong setting is another one."""


class WalletNotStarted(Exception):
    """The wallet could not start; the message is one line that says why."""


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. What keeps the wallet from starting is one line, and exit code 1."""
    try:
        asyncio.run(_serve(settings))
    except WalletNotStarted as failure:
        sys.stderr.write(f"staff-passport wallet: {failure}\n")
        sys.exit(NOT_STARTED)


def acapy_argv(settings: Settings) -> Sequence[str]:
    """ACA-Py's arguments. Of its `--auto-…` flags, those that finish what the person already agreed to.

    A secret is joined to its flag: it may begin with a hyphen, and would be taken for a flag itself.
    """
    control, didcomm, wallet = settings.control, settings.didcomm, settings.wallet
    api_key = control.api_key.get_secret_value()
    database = {"account": wallet.account, "password": wallet.password}
    return (
        *(f"--label={settings.label}", "--log-level", settings.log_level),
        *("--admin", control.host, str(control.port), f"--admin-api-key={api_key}"),
        *("--inbound-transport", "http", didcomm.host, str(didcomm.port)),
        *("--outbound-transport", "wallet.outbound", "--endpoint", str(didcomm.endpoint).rstrip("/")),
        *("--wallet-type", "askar-anoncreds", "--wallet-name", wallet.database),
        *(f"--wallet-key={wallet.key.get_secret_value()}", "--wallet-storage-type", "postgres_storage"),
        *("--wallet-storage-config", json.dumps({"url": wallet.address})),
        *("--wallet-storage-creds", json.dumps(database)),
        *("--plugin", PLUGIN, "--preserve-exchange-records"),
        *(("--genesis-transactions-list", str(settings.ledgers)) if settings.ledgers else ("--no-ledger",)),
        "--auto-ping-connection",
    )


def acapy_settings(settings: Settings) -> Mapping[str, Any]:
    """ACA-Py's own settings: from our arguments alone, whatever ACAPY_… variables are set."""
    parser = acapy_arguments.create_argument_parser(prog="staff-passport wallet")
    groups = acapy_arguments.group.get_registered(acapy_arguments.CAT_START)
    read = acapy_arguments.load_argument_groups(parser, *groups)
    values: dict[str, Any] = read(parser.parse_args(list(acapy_argv(settings)), env_vars={}))
    # Set here, as `--plugin-config-value` takes every dot in a plugin's name for a section.
    return values | {"plugin_config": {PLUGIN: _told(settings)}}


def _told(settings: Settings) -> Mapping[str, Any]:
    return {
        **settings.registry.model_dump(),
        "private_endpoints": settings.didcomm.private_endpoints,
        "hosts": settings.hosts.model_dump(mode="json"),
    }


async def _serve(settings: Settings) -> None:
    stopped = _stop_signal()
    values = acapy_settings(settings)
    common_config(values)
    conductor = Conductor(DefaultContextBuilder(values))
    try:
        await _have_store(values)
        await _start(conductor)
        async with AsyncExitStack() as stack:
            await _open_phone(stack, conductor, settings.phone)
            await stopped.wait()
    finally:
        await shutdown_app(conductor)


async def _have_store(values: Mapping[str, Any]) -> None:
    """Make the store where there is none yet. `--auto-provision` would want to make its database, too."""
    names = ("name", "key", "storage_type", "storage_config", "storage_creds")
    store = AskarStoreConfig({name: values[f"wallet.{name}"] for name in names})
    try:
        await (await store.open_store(provision=True)).close()
    except BaseError as failure:
        raise WalletNotStarted(_one_line(failure)) from failure


async def _start(conductor: Conductor) -> None:
    """Start, and make sure of it: ACA-Py only logs that a plugin, its routes or its own port failed."""
    try:
        await conductor.setup()
        _require_plugin(conductor)
        await _make_secrets(conductor)
        await conductor.start()
        _require_routes(conductor)
    except WalletNotStarted:
        raise
    except Exception as failure:
        raise WalletNotStarted(_one_line(failure)) from failure


async def _open_phone(stack: AsyncExitStack, conductor: Conductor, told: Phone | None) -> None:
    """Serve the person's pages, if this wallet is to have any; else they are not even loaded."""
    if told is None or conductor.root_profile is None:
        return
    from wallet.phone.app import phone  # noqa: PLC0415 - a wallet without pages needs no templates

    try:
        await stack.enter_async_context(phone(told, conductor.root_profile))
    except OSError as failure:
        raise WalletNotStarted("its phone's port could not be opened") from failure


async def _make_secrets(conductor: Conductor) -> None:
    """What binds credentials to this wallet, before the first offers, which would make several at once."""
    if conductor.root_profile is None:
        raise WalletNotStarted("its store was not opened")
    await AnonCredsHolder(conductor.root_profile).get_master_secret()
    await HolderKey.have(conductor.root_profile)


def _require_plugin(conductor: Conductor) -> None:
    if PLUGIN not in conductor.context.inject(PluginRegistry).plugin_names:
        raise WalletNotStarted(f"the plugin {PLUGIN} did not load")


def _require_routes(conductor: Conductor) -> None:
    server = cast("Any", conductor.admin_server)  # typed as None, which is what it starts as
    # ACA-Py's own flag: its `site` is there even when the port was not to be had.
    if server is None or server.app is None or not server.app["ready"]:
        raise WalletNotStarted("its control port could not be opened")
    if gate not in server.app.middlewares:
        raise WalletNotStarted("ACA-Py's own routes are not closed")
    served = {(route.method, route.resource.canonical) for route in server.app.router.routes()}
    if missing := [route.path for route in ROUTES if (route.method, route.path) not in served]:
        raise WalletNotStarted(f"routes are missing: {', '.join(missing)}")


def _stop_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _one_line(failure: Exception) -> str:
    sentence = " ".join(str(failure).split()) or type(failure).__name__
    return f"could not start: {sentence}"
