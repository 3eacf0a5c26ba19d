"""Makes the API misbehave on purpose, for as long as it is told."""

import asyncio
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler

from esr_sandbox.answers import problem


class OutageMode(StrEnum):
    """In which way the API is out."""

    ERROR = "error"  # answers 503 at once
    HANG = "hang"  # does not answer until the outage ends
    MALFORMED = "malformed"  # answers 200 with something that is not in the contract


class Outage:
    """Whether the API is out now. One at a time; a new one takes the place of the last."""

    def __init__(self) -> None:
        self._mode: OutageMode | None = None
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, mode: OutageMode, seconds: float | None) -> None:
        """Begin an outage that ends by itself after `seconds`, or when told if that is None."""
        self.end()
        self._mode = mode
        self._over = asyncio.Event()
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def end(self) -> None:
        """End the outage, if there is one, and let go of whoever waits."""
        if self._timer is not None:
            self._timer.cancel()
        self._mode, self._timer = None, None
        self._over.set()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer in the way of the present outage; the control API always works."""
        if request.path.startswith(("/sandbox/", "/status/")) or self._mode is None:
            return await handler(request)
        if self._mode is OutageMode.MALFORMED:
            return web.json_response({"people": 7, "assignments": "none", "checks": None})
        if self._mode is OutageMode.HANG:
            await self._over.wait()
        return problem(503, "unavailable", "ESR is not available.")
