"""The whole network for one test session: made once, for credential definitions take long to make."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from staff_passport.demo.environment import Environment
from staff_passport.demo.network import Network, a_network
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.local_ca import a_local_ca
from tests.support.ports import free_port

QUICK: Mapping[str, dict[str, Any]] = {
    "issuer": {"reconcile_every": 2, "repeat_after": 3},
    "verifier": {"reconcile_every": 2, "check_again_every": 1},
}
"""Rounds that a test can wait for."""


@asynccontextmanager
async def a_test_network() -> AsyncIterator[Network]:
    """A network whose registry also listens with TLS, for wallets that insist on it."""
    with (
        tempfile.TemporaryDirectory(prefix="staff-passport-") as name,
        EmbeddedPostgres.temporary() as postgres,
    ):
        folder = Path(name)
        host = Environment.read().origin.removeprefix("https://")
        ca = a_local_ca(folder / "ca", host)
        tls = {"certificate": str(ca.certificate), "key": str(ca.key), "port": free_port()}
        async with a_network(folder, postgres, registry_tls=tls, overrides=QUICK) as network:
            yield network
