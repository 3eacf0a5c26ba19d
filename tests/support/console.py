"""The console program as a process of its own, as an organisation's people type it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from staff_passport.demo.network import Network, Party

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    said: str
    complained: str

    @property
    def answer(self) -> Json:
        found: Json = json.loads(self.said)
        return found


@dataclass(frozen=True, slots=True)
class Console:
    """`staff-passport`, for one person of one organisation."""

    folder: Path
    access: Path

    @classmethod
    def of(cls, network: Network, party: Party, folder: Path, **told: object) -> "Console":
        """For the party's administrator, unless something else is told."""
        folder.mkdir(exist_ok=True)
        agent, key = network.agents[party.slug], network.portal.private
        (folder / "portal.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        said: Mapping[str, object] = {
            "url": agent.base,
            "organisation": party.ods_code,
            "api_key": agent.settings["admin"]["api_key"],
            "user": party.administrator,
            "portal": network.portal.id,
            "key": "portal.pem",
        }
        (folder / "agent.yml").write_text(yaml.safe_dump({**said, **told}))
        return cls(folder, folder / "agent.yml")

    async def did(self, *told: str) -> Done:
        """`staff-passport did …`, of the organisation's agent."""
        return await self.call("did", *told)

    async def call(self, *told: str) -> Done:
        """A command that calls the organisation's agent."""
        return await self.offline(*told, "--agent", str(self.access))

    async def offline(self, *told: str) -> Done:
        """A command that needs nobody."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "staff_passport", *told),
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await child.communicate()
        return Done(child.returncode or 0, said.decode(), complained.decode())
