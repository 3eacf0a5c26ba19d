"""A real registry, listening on a port of this machine, for as long as a test needs it."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web

from registry.app import make_app
from registry.settings import Limits, Settings
from signed_documents.resolution import utc_now

NO_OTHER: Mapping[str, float] = {}
ORIGIN = "https://registry.staff-passport.example"


def write_token(slug: str) -> str:
    """The made-up write token of one organisation."""
    return f"write-token-of-{slug}"


def registry_settings(
    data: Path, *slugs: str, port: int = 0, limits: Mapping[str, float] = NO_OTHER
) -> Settings:
    """Settings of a registry in which `slugs` may write, the operator its contexts too."""
    digests = {
        f"organisations/{slug}": hashlib.sha256(write_token(slug).encode()).hexdigest()
        for slug in ("operator", *slugs)
    }
    return Settings(
        origin=ORIGIN,
        data=data,
        port=port,
        writers=digests,
        context_writer="organisations/operator",
        limits=Limits.model_validate(limits),
    )


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """Where it listens, and where it keeps its files."""

    url: str
    data: Path


@asynccontextmanager
async def a_registry(
    data: Path, *slugs: str, clock: Callable[[], datetime] = utc_now, limits: Mapping[str, float] = NO_OTHER
) -> AsyncIterator[RegistryServer]:
    """A registry that stops with the block."""
    runner = web.AppRunner(
        make_app(registry_settings(data, *slugs, limits=limits), clock=clock), access_log=None
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield RegistryServer(f"http://127.0.0.1:{runner.addresses[0][1]}", data)
    finally:
        await runner.cleanup()
