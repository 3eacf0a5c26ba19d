"""Makes the API misbehave on purpose, for as long as it is told."""

import asyncio
from contextlib import suppress
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler

from esr_sandbox.answers import problem
from esr_sandbox.contradictions import Contradiction, Contradictions


class OutageMode(StrEnum):
    """In which way the API is out."""

    ERROR = "error"  # answers 503 at once
    HANG = "hang"  # does not answer until the outage ends
    MALFORMED = "malformed"  # answers 200 with something that is not in the contract
    SLOW = "slow"  # answers as ever, but only after a while
    INCONSISTENT = "inconsistent"  # answers what is well formed and cannot be true


class Outage:
    """Whether the API is out now. One at a time; a new one takes the place of the last."""

    def __init__(self) -> None:
        self._mode: OutageMode | None = None
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._delay = 0.0
        self.contradictions = Contradictions()

    def begin(
        self,
        mode: OutageMode,
        seconds: float | None,
        *,
        delay: float = 0.0,
        contradictions: frozenset[Contradiction] = frozenset(),
    ) -> None:
        """Begin an outage that ends by itself after `seconds`, or when told if that is None.

        `delay` is how many seconds a slow answer takes; `contradictions`, what inconsistent answers have.
        """
        self.end()
        self._mode, self._delay, self.contradictions.present = mode, delay, contradictions
        self._over = asyncio.Event()
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def end(self) -> None:
        """End the outage, if there is one, and let go of whoever waits."""
        if self._timer is not None:
            self._timer.cancel()
        self._mode, self._timer, self.contradictions.present = None, None, frozenset()
        self._over.set()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer in the way of the present outage; the control API always works."""
        if request.path.startswith(("/sandbox/", "/status/")):
            return await handler(request)
        match self._mode:
            case None | OutageMode.INCONSISTENT:
                return await handler(request)
            case OutageMode.SLOW:
                await self._over_or_after(self._delay)
                return await handler(request)
            case OutageMode.MALFORMED:
                return web.json_response({"people": 7, "assignments": "none", "checks": None})
            case OutageMode.HANG:
                await self._over_or_after(None)
        return problem(503, "unavailable", "ESR is not available.")

    async def _over_or_after(self, seconds: float | None) -> None:
        """Wait until the outage is over, but no longer than `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
