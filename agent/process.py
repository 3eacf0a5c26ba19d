"""The agent's process: ACA-Py with our plugins, and nothing that offers, signs or accepts by itself."""

import asyncio
import ctypes
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, cast

import yaml
from acapy_agent.admin.server import AdminResponder
from acapy_agent.askar.store import AskarStoreConfig
from acapy_agent.cache.base import BaseCache
from acapy_agent.commands.start import shutdown_app
from acapy_agent.config import argparse as acapy_arguments
from acapy_agent.config.default_context import DefaultContextBuilder
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.util import common_config
from acapy_agent.core.conductor import Conductor
from acapy_agent.core.error import BaseError
from acapy_agent.core.plugin_registry import PluginRegistry
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.vc.ld_proofs.document_loader import DocumentLoader
from aiohttp import web

from agent.bounded_cache import BoundedCache
from agent.domain.workforce import OdsCode
from agent.organisation.admin_port import only_our_routes
from agent.plugin_settings import PluginSettingsError
from agent.routing import OURS, RouteTable
from agent.settings import Settings
from agent.store.schema import SchemaUnknown, require_current_schema
from agent.tenants import ManyTenants, OneTenant, Tenant, Tenants
from agent.webvh.document_loader import PinnedDocumentLoader
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.outbound_guard import OutboundGuard

NOT_STARTED = 1
"""The exit code when the agent could not start."""
WRONG_SETTINGS = 2
ARENAS = 2
_M_ARENA_MAX = -8  # mallopt(3)


class AgentNotStarted(Exception):
    """The agent could not start; the message is one line that says why."""


class NoSuchFile(Exception):
    """A setting names a file that is not there; the message is one line that says which."""


class ContextBuilder(DefaultContextBuilder):
    """What ACA-Py's parts find one another by, with parts of ours in their place."""

    def __init__(self, values: Mapping[str, Any], settings: Settings) -> None:
        super().__init__(dict(values))
        self._tenants = tenants_of(settings)
        self._guard = OutboundGuard(settings.didcomm.private_endpoints)

    async def bind_providers(self, context: InjectionContext) -> None:
        """Bind ACA-Py's, then ours over them."""
        await super().bind_providers(context)
        context.injector.bind_instance(BaseCache, BoundedCache())
        context.injector.bind_instance(Tenants, self._tenants)
        context.injector.bind_instance(OutboundGuard, self._guard)


def tenants_of(settings: Settings) -> Tenants:
    """The wallets of those for whom the agent speaks."""
    if settings.shared is None:
        return OneTenant()
    names = {OdsCode(own.organisation.ods_code): own.organisation.name for own in settings.organisations}
    return ManyTenants([Tenant(own, name) for own, name in names.items()])


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. What keeps the agent from starting is one line and a non-zero exit."""
    _keep_few_arenas()
    _describe_no_stock_routes()
    try:
        _require_files(settings)
        asyncio.run(_serve(settings))
    except (PluginSettingsError, NoSuchFile) as wrong:
        _stop(wrong, WRONG_SETTINGS)
    except (AgentNotStarted, SchemaUnknown) as failure:
        _stop(failure, NOT_STARTED)


def _keep_few_arenas() -> None:
    """Have the C library's threads share their memory.

    It keeps what each of up to eight arenas a core was once used for, and every thread that signs uses one.
    Another C library than glibc has no such call.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def _describe_no_stock_routes() -> None:
    """Have ACA-Py make no OpenAPI document of routes that are not served: it would stay in memory."""

    def nothing(_: object, app: web.Application) -> None:
        app["swagger_dict"] = {"paths": {}, "definitions": {}}

    import_module("aiohttp_apispec.aiohttp_apispec").AiohttpApiSpec._register = nothing  # noqa: SLF001


def acapy_argv(settings: Settings) -> Sequence[str]:
    """ACA-Py's arguments. None of its `--auto-…` flags that accept, offer or issue is among them.

    A secret is joined to its flag: it may begin with a hyphen, and would be taken for a flag itself.
    """
    admin, didcomm, wallet = settings.admin, settings.didcomm, settings.wallet
    endpoint = str(didcomm.endpoint).rstrip("/")
    plugins = [word for plugin in settings.plugin_configuration for word in ("--plugin", plugin)]
    return (
        *(f"--label={settings.label}", "--log-level", settings.log_level),
        *("--admin", admin.host, str(admin.port), f"--admin-api-key={admin.api_key.get_secret_value()}"),
        *("--inbound-transport", "http", didcomm.host, str(didcomm.port)),
        *("--outbound-transport", "agent.outbound", "--endpoint", endpoint),
        *("--wallet-type", "askar-anoncreds", "--wallet-name", wallet.database),
        *(f"--wallet-key={wallet.key.get_secret_value()}", "--wallet-storage-type", "postgres_storage"),
        *("--wallet-storage-config", json.dumps({"url": wallet.address})),
        *("--wallet-storage-creds", json.dumps(wallet.credentials)),
        *("--preserve-exchange-records", *plugins),
        *(("--invite-base-url", str(didcomm.invitation_page)) if didcomm.invitation_page else ()),
        *_ledger_argv(settings),
        *_tenants_argv(settings),
    )


def _ledger_argv(settings: Settings) -> Sequence[str]:
    """Which Indy ledgers there are, and whose agreement is accepted."""
    indy = settings.registry.indy
    if indy is None:
        return ("--no-ledger",)
    accepted = () if indy.taa is None else ("--accept-taa", indy.taa.mechanism, indy.taa.version)
    return ("--genesis-transactions-list", str(indy.ledgers), *accepted)


def _ledgers(settings: Settings) -> dict[str, Any]:
    """The ledgers again, with each genesis file beside the file that names it, wherever we were started."""
    indy = settings.registry.indy
    if indy is None:
        return {}
    ledgers = yaml.safe_load(indy.ledgers.read_text(encoding="utf-8"))
    beside = indy.ledgers.parent
    found = [
        {**each, "genesis_file": str(beside / each["genesis_file"])} if "genesis_file" in each else each
        for each in ledgers
    ]
    return {"ledger.ledger_config_list": found, **_endorsed(found, settings)}


def _endorsed(ledgers: Sequence[Mapping[str, Any]], settings: Settings) -> dict[str, Any]:
    """Where the ledger that is written to names an endorser, everybody but the operator writes by it.

    What we ask to be signed and then write ourselves; nothing that somebody else asks of us.
    """
    written = next((each for each in ledgers if each.get("is_write")), {})
    if "endorser_did" not in written or settings.operator is not None:
        return {}
    ours = ("author", "auto_request", "auto_write", "auto_create_rev_reg")
    return {f"endorser.{each}": True for each in ours}


def _tenants_argv(settings: Settings) -> Sequence[str]:
    """Many organisations are tenants: each a profile of one Askar store, none with ACA-Py's admin routes."""
    if settings.shared is None:
        return ()
    kept = json.dumps({"wallet_type": "single-wallet-askar", "wallet_name": settings.wallet.database})
    secret = settings.shared.token_secret.get_secret_value()
    return ("--multitenant", f"--jwt-secret={secret}", "--multitenancy-config", kept)


def acapy_settings(settings: Settings) -> Mapping[str, Any]:
    """ACA-Py's own settings: from our arguments alone, whatever ACAPY_… variables are set."""
    parser = acapy_arguments.create_argument_parser(prog="staff-passport agent")
    groups = acapy_arguments.group.get_registered(acapy_arguments.CAT_START)
    read = acapy_arguments.load_argument_groups(parser, *groups)
    values: dict[str, Any] = read(parser.parse_args(list(acapy_argv(settings)), env_vars={}))
    return values | _ledgers(settings) | {"plugin_config": settings.plugin_configuration}


async def _serve(settings: Settings) -> None:
    stopped = _stop_signal()
    await require_current_schema(settings.database.url.get_secret_value())
    tables = await _route_tables(settings)
    values = acapy_settings(settings)
    common_config(values)
    conductor = Conductor(ContextBuilder(values, settings))
    try:
        await _have_wallet(values)
        await _start(conductor, settings, tables)
        await stopped.wait()
    finally:
        await shutdown_app(conductor)


async def _have_wallet(values: Mapping[str, Any]) -> None:
    """Make Askar's store where there is none yet. `--auto-provision` would want to make its database, too."""
    names = ("name", "key", "storage_type", "storage_config", "storage_creds")
    store = AskarStoreConfig({name: values[f"wallet.{name}"] for name in names})
    try:
        await (await store.open_store(provision=True)).close()
    except BaseError as error:
        raise AgentNotStarted(f"its wallet cannot be opened: {type(error).__name__}") from error


def _require_files(settings: Settings) -> None:
    """What is read again and again may be away for a while, and not from the start."""
    terms = [own.organisation.terms for own in settings.organisations]
    missing = [f"organisation.terms: there is no folder {each}" for each in terms if not each.is_dir()]
    indy = settings.registry.indy
    if indy is not None and not indy.ledgers.is_file():
        missing.append(f"registry.indy.ledgers: there is no file {indy.ledgers}")
    if missing:
        raise NoSuchFile("; ".join(missing))


async def _route_tables(settings: Settings) -> list[RouteTable]:
    """Every plugin's routes, imported and registered once for nothing.

    Here a fault is loud. Of one in importing, ACA-Py writes to its log and goes on without the plugin; of one
    in registering, all that shows is that its admin port is not there.
    """
    tables = [await _routes_of(plugin) for plugin in settings.plugin_configuration]
    return [table for table in tables if table is not None]


async def _routes_of(plugin: str) -> RouteTable | None:
    """A plugin's routes; None for a plugin that has none."""
    try:
        import_module(plugin)
        routes = import_module(f"{plugin}.routes")
        await routes.register(web.Application())
        return cast("RouteTable", routes.ROUTES)
    except ModuleNotFoundError as missing:
        if missing.name == f"{plugin}.routes":
            return None
        raise _not_loaded(plugin, missing) from missing
    except Exception as failure:
        raise _not_loaded(plugin, failure) from failure


def _not_loaded(plugin: str, failure: Exception) -> AgentNotStarted:
    return AgentNotStarted(f"plugin {plugin} did not load: {_sentence(failure)}")


def _sentence(failure: Exception) -> str:
    return " ".join(str(failure).split()) or type(failure).__name__


async def _start(conductor: Conductor, settings: Settings, tables: list[RouteTable]) -> None:
    """Start, and make sure of it: ACA-Py only logs that a plugin, its routes or its own port failed."""
    try:
        await conductor.setup()
        _require_plugins(conductor, settings)
        _ready_for_messages(conductor)
        await conductor.start()
        _require_routes(conductor, tables)
    except (AgentNotStarted, PluginSettingsError):
        raise
    except Exception as failure:
        raise AgentNotStarted(f"could not start: {_sentence(failure)}") from failure


def _ready_for_messages(conductor: Conductor) -> None:
    """Bind what else is bound once ACA-Py listens: tenants copy what is there at the first message."""
    root = cast("Profile", conductor.root_profile)  # typed as None, which is what it starts as
    bind = root.context.injector.bind_instance
    send = cast("Any", conductor.outbound_message_router)
    bind(BaseResponder, AdminResponder(root, send))
    bind(DocumentLoader, PinnedDocumentLoader(root, root.inject(PinnedContexts)))


def _require_plugins(conductor: Conductor, settings: Settings) -> None:
    loaded = set(conductor.context.inject(PluginRegistry).plugin_names)
    if missing := sorted(settings.plugin_configuration.keys() - loaded):
        raise AgentNotStarted(f"plugins did not load: {', '.join(missing)}")


def _require_routes(conductor: Conductor, tables: list[RouteTable]) -> None:
    server = cast("Any", conductor.admin_server)  # typed as None, which is what it starts as
    if server is None or server.app is None or not server.app["ready"]:
        raise AgentNotStarted("its admin port could not be opened")
    if only_our_routes not in server.app.middlewares:
        raise AgentNotStarted("ACA-Py's own routes are not closed")
    served: dict[tuple[str, str], object] = {}
    for route in server.app.router.routes():
        if route.resource is not None:  # the first of its path is the one that is served
            served.setdefault((route.method, route.resource.canonical), route.handler)
    wanted = {(route.method, route.path) for table in tables for route in table.routes}
    if missing := sorted(each for each in wanted if getattr(served.get(each), OURS, None) is None):
        raise AgentNotStarted(f"routes are missing: {', '.join(path for _, path in missing)}")


def _stop_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _stop(failure: Exception, code: int) -> None:
    sys.stderr.write(f"staff-passport agent: {failure}\n")
    sys.exit(code)
