"""HR's portal before a network's agents."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cryptography.fernet import Fernet

from staff_passport.demo.network import CONSOLE, LOOPBACK, Network, write_whole
from staff_passport.processes import Process, Program

type Json = dict[str, Any]


class PortalCommandFailed(RuntimeError):
    """A command of the portal's ended otherwise than it should; the message is what it said."""


@dataclass(frozen=True, slots=True)
class StartedPortal:
    """A portal as it runs."""

    origin: str
    config: Path
    log: Path
    process: Process


def portal_settings(
    network: Network, port: int, *, personas: Sequence[Json] = (), name: str = "portal"
) -> Json:
    """Settings of a portal for everybody of a network who has an agent; `name` is its database's."""
    databases = network.postgres.provide(name)
    return {
        "origin": f"http://{LOOPBACK}:{port}",
        "port": port,
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
        "demonstration": True,
        "personas": list(personas),
    }


async def start_portal(network: Network, settings: Json, name: str = "portal") -> StartedPortal:
    """Make its tables, start it with its files in a folder of that name, and wait until it is ready."""
    folder = network.folder / name
    config = folder / "portal.yml"
    write_whole(config, yaml.safe_dump(settings, sort_keys=False))
    config.chmod(0o600)  # there are secrets in it
    await portal_command("migrate", config=config)
    log = folder / "portal.log"
    program = Program(name, (*CONSOLE, "portal", "--config", str(config)), log)
    origin = settings["origin"]
    process = await network.processes.start(program, ready=f"{origin}/status/ready")
    return StartedPortal(origin, config, log, process)


async def portal_command(*words: str, config: Path) -> str:
    """What a command of the portal's prints. Raises `PortalCommandFailed`."""
    argv = (*CONSOLE, "portal", *words, "--config", str(config))
    child = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await child.communicate()
    if child.returncode != 0:
        raise PortalCommandFailed(error.decode())
    return out.decode()
