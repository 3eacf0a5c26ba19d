"""A real portal process before a network's agents, and people who may sign in to it."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp

from staff_passport.demo.network import Network, free_port
from staff_passport.demo.portal import portal_command, portal_settings, start_portal

STEP = 30
WRONG_TRIES = 3
"""How many lock an account."""
IMPATIENT = {
    "trusted_proxies": ["127.0.0.1"],
    "sign_in": {"wrong_tries": WRONG_TRIES, "tries_per_address": 10},
    "agent_seconds": 5,
}
"""Over a demonstration's settings: what tests cannot wait for, and addresses that they choose."""


@dataclass(slots=True)
class SignsIn:
    """Somebody with an account: what they know, and what their authenticator app shows."""

    email: str
    password: str
    app: pyotp.TOTP
    recovery_codes: list[str]
    steps_used: int = 0

    def code(self) -> str:
        """A code that was not used yet: of now, or of half a minute on, which counts too."""
        now = int(time.time()) // STEP
        step = max(now - 1, self.steps_used + 1)
        assert step <= now + 1, "an app has three codes that count at a time: use a recovery code"
        self.steps_used = step
        return self.app.generate_otp(step)

    def recovery_code(self) -> str:
        """One that was not used yet."""
        return self.recovery_codes.pop()


@dataclass(frozen=True, slots=True)
class RunningPortal:
    """A portal as it runs."""

    origin: str
    config: Path
    log: Path

    async def account(self, email: str) -> SignsIn:
        """Let somebody sign in, by the command that an administrator types."""
        told = await portal_command("add-account", email, config=self.config)
        return parsed(told)

    async def remove_if_there(self, email: str) -> None:
        """Begin anew with somebody, whatever an earlier test left of them."""
        with suppress(RuntimeError):
            await self.remove(email)

    async def remove(self, email: str) -> None:
        """Let somebody sign in no more."""
        await portal_command("remove-account", email, config=self.config)


def parsed(told: str) -> SignsIn:
    """What the command prints, as its reader takes it."""
    said = dict(re.findall(r"^([a-z -]+): (\S+)$", told, re.MULTILINE))
    app = pyotp.parse_uri(said["authenticator app"])
    assert isinstance(app, pyotp.TOTP)
    codes = re.findall(r"^  (\S+)$", told, re.MULTILINE)
    return SignsIn(said["e-mail"], said["password"], app, codes)


@asynccontextmanager
async def a_portal(network: Network, name: str = "portal", **changed: Any) -> AsyncIterator[RunningPortal]:
    """A portal for the two organisations of the network; `name` is its folder's and database's."""
    settings = portal_settings(network, free_port(), name=name) | IMPATIENT | changed
    started = await start_portal(network, settings, name)
    try:
        yield RunningPortal(started.origin, started.config, started.log)
    finally:
        await started.process.stop()
