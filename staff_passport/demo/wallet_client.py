"""What a person does with the wallet in their hand."""

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

type Json = dict[str, Any]


class WalletFailed(Exception):
    """The wallet answered with a problem (RFC 9457)."""

    def __init__(self, problem: Json) -> None:
        super().__init__(f"{problem.get('code', '')}: {problem.get('detail', '')}")
        self.code = str(problem.get("code", ""))


@dataclass(slots=True)
class WalletClient:
    """Calls the wallet's control API, and remembers what has happened."""

    session: aiohttp.ClientSession
    base: str
    api_key: str
    _events: list[Json] = field(default_factory=list)

    async def get(self, path: str) -> Json:
        """Read. Raises `WalletFailed`."""
        return await self._call("GET", path, None)

    async def post(self, path: str, body: Json | None = None) -> Json:
        """Do. Raises `WalletFailed`."""
        return await self._call("POST", path, body or {})

    async def connect(self, invitation: str) -> Json:
        """Scan an invitation, and wait for the connection."""
        made = await self.post("/wallet/connections", {"invitation": invitation})
        await self.wait_for("connection", "completed", id=made["connection_id"])
        return await self.get(f"/wallet/connections/{made['connection_id']}")

    async def wait_for(self, kind: str, state: str, *, within: float = 60, **also: str) -> Json:
        """The first event of this kind and state, whether it has happened or is still to come."""
        wanted = {"kind": kind, "state": state, **also}
        deadline = time.monotonic() + within
        while True:
            for event in self._events:
                if wanted.items() <= event.items():
                    return event
            if time.monotonic() > deadline:
                raise TimeoutError(f"the wallet saw no {kind} in state {state} within {within:g} s")
            await self._more_events()

    async def _more_events(self) -> None:
        last = self._events[-1]["number"] if self._events else 0
        answer = await self.get(f"/wallet/events?after={last}&timeout=5")
        self._events += answer["events"]

    async def _call(self, method: str, path: str, body: Json | None) -> Json:
        headers = {"X-API-Key": self.api_key}
        async with self.session.request(method, self.base + path, json=body, headers=headers) as answer:
            content: Json = await answer.json(content_type=None)
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise WalletFailed(content)
            return content
