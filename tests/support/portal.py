"""A real portal process before a network's agents, and people who may sign in to it."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import yaml
from cryptography.fernet import Fernet

from staff_passport.demo.network import CONSOLE, Network, free_port, write_whole
from staff_passport.processes import Program

STEP = 30
WRONG_TRIES = 3
"""How many lock an account."""


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
        told = await _console("add-account", email, config=self.config)
        return parsed(told)

    async def remove(self, email: str) -> None:
        """Let somebody sign in no more."""
        await _console("remove-account", email, config=self.config)


def parsed(told: str) -> SignsIn:
    """What the command prints, as its reader takes it."""
    said = dict(re.findall(r"^([a-z -]+): (\S+)$", told, re.MULTILINE))
    app = pyotp.parse_uri(said["authenticator app"])
    assert isinstance(app, pyotp.TOTP)
    codes = re.findall(r"^  (\S+)$", told, re.MULTILINE)
    return SignsIn(said["e-mail"], said["password"], app, codes)


@asynccontextmanager
async def a_portal(network: Network, **changed: Any) -> AsyncIterator[RunningPortal]:
    """A portal for every organisation of the network until the block ends."""
    folder, port = network.folder / "portal", free_port()
    folder.mkdir(exist_ok=True)
    config = folder / "portal.yml"
    settings = _settings(network, port) | changed
    write_whole(config, yaml.safe_dump(settings, sort_keys=False))
    await _console("migrate", config=config)
    program = Program("portal", (*CONSOLE, "portal", "--config", str(config)), folder / "portal.log")
    process = await network.processes.start(program, ready=f"{settings['origin']}/status/ready")
    try:
        yield RunningPortal(settings["origin"], config, folder / "portal.log")
    finally:
        await process.stop()


def _settings(network: Network, port: int) -> dict[str, Any]:
    databases = network.postgres.provide("portal")
    return {
        "origin": f"http://127.0.0.1:{port}",
        "port": port,
        "trusted_proxies": ["127.0.0.1"],
        "database": {"url": databases.url, "migration_url": databases.migration_url},
        "totp_key": Fernet.generate_key().decode(),
        "form_key": secrets.token_hex(32),
        "signing": {"id": network.portal.id, "key": network.portal.private_pem},
        "organisations": {
            party.ods_code: {
                "name": party.name,
                "agent": network.agents[party.slug].base,
                "api_key": network.agents[party.slug].settings["admin"]["api_key"],
            }
            for party in network.parties
            if party.agent
        },
        "sign_in": {"wrong_tries": WRONG_TRIES, "tries_per_address": 10},
        "agent_seconds": 5,
        "demonstration": True,
    }


async def _console(*words: str, config: Path) -> str:
    argv = (*CONSOLE, "portal", *words, "--config", str(config))
    child = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await child.communicate()
    if child.returncode != 0:
        raise RuntimeError(error.decode())
    return out.decode()
