"""A person's wallet as a process of its own, and the client by which the person acts."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from staff_passport.embedded_postgres import WalletStorage
from staff_passport.processes import Program
from tests.support.ports import free_port

API_KEY = "the-made-up-key-of-a-test-wallet"
PATIENCE_SECONDS = 60
type Json = dict[str, Any]


def wallet_settings(storage: WalletStorage, origins: Mapping[str, str], label: str = "Robin Example") -> Json:
    """Settings for a wallet on free ports."""
    didcomm = free_port()
    return {
        "label": label,
        "control": {"port": free_port(), "api_key": API_KEY},
        "didcomm": {
            "port": didcomm,
            "endpoint": f"http://127.0.0.1:{didcomm}",
            "private_endpoints": ["127.0.0.1"],
        },
        "wallet": {"key": "a made-up passphrase of a test", "storage": storage.url},
        "registry": {"origins": dict(origins)},
        "hosts": {"unregistered": "ask"},
    }


def wallet_program(settings: Json, folder: Path) -> Program:
    """The program that runs the wallet of `settings` with its files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "wallet.yaml"
    file.write_text(yaml.safe_dump(settings))
    argv = (sys.executable, "-m", "staff_passport", "wallet", "--config", str(file))
    return Program("wallet", argv, folder / "wallet.log", home=folder)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Json


class WalletClient:
    """Calls a wallet's control API, and remembers which events it has seen."""

    def __init__(self, session: aiohttp.ClientSession, port: int, *, key: str = API_KEY) -> None:
        self._session = session
        self._base = f"http://127.0.0.1:{port}"
        self._headers = {"X-API-Key": key}
        self._seen: list[Json] = []

    async def call(self, method: str, path: str, body: Json | None = None) -> Answer:
        url = self._base + path
        async with self._session.request(method, url, json=body, headers=self._headers) as response:
            answer: Json = await response.json(content_type=None)
            return Answer(response.status, answer)

    async def get(self, path: str) -> Json:
        answer = await self.call("GET", path)
        assert answer.status == 200, answer
        return answer.body

    async def post(self, path: str, body: Json | None = None) -> Json:
        answer = await self.call("POST", path, body)
        assert answer.status == 200, answer
        return answer.body

    async def until(self, kind: str, state: str, **also: str) -> Json:
        """The first event of this kind and state that this client has not been given yet."""
        wanted = {"kind": kind, "state": state, **also}
        after = 0
        while True:
            answer = await self.get(f"/wallet/events?after={after}&timeout={PATIENCE_SECONDS}")
            assert answer["events"], f"nothing more happened while waiting for {wanted}"
            after = answer["last"]
            events: list[Json] = answer["events"]
            for event in events:
                if event not in self._seen and wanted.items() <= event.items():
                    self._seen.append(event)
                    return event
