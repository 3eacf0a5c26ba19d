"""What ACA-Py would serve of itself, with the plugins that an agent has loaded."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from acapy_agent.admin.server import AdminServer
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.plugin_registry import PluginRegistry
from acapy_agent.utils.testing import create_test_profile
from aiohttp import ClientSession, web


async def loaded(session: ClientSession, base: str, api_key: str) -> list[str]:
    """The packages of ACA-Py that a running agent has loaded."""
    async with session.get(f"{base}/plugins", headers={"X-API-Key": api_key}) as answer:
        names: list[str] = (await answer.json())["result"]
    return [name for name in names if name.startswith("acapy_agent.")]


@asynccontextmanager
async def stock_routes(packages: Sequence[str]) -> AsyncIterator[list[tuple[str, str]]]:
    """Every route of these packages, as ACA-Py itself registers them: method and path."""
    profile = await create_test_profile({"wallet.type": "askar-anoncreds", "admin.admin_insecure_mode": True})
    context: InjectionContext = profile.context
    registry = PluginRegistry()
    for package in packages:
        assert registry.register_plugin(package) is not None, package
    context.injector.bind_instance(PluginRegistry, registry)

    nowhere: Any = None  # nothing is sent, and nobody stops anything

    server = AdminServer("127.0.0.1", 0, context, profile, nowhere, nowhere, nowhere)
    app: web.Application = await server.make_application()
    yield [
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]
    await profile.close()  # type: ignore[no-untyped-call]  # a test profile of ACA-Py's own
