"""How fast one organisation may ask ESR: so many requests at once, and so many a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiolimiter import AsyncLimiter


@dataclass(slots=True)
class Turn:
    """Whether a question has its turn yet, or still waits for it."""

    waiting: bool = False


class Pace:
    """Gives every request its turn. In any time t at most `burst` + `a_second` · t requests begin."""

    def __init__(self, *, most_in_flight: int, a_second: float, burst: int) -> None:
        self._in_flight = asyncio.Semaphore(most_in_flight)
        self._rate = AsyncLimiter(burst, burst / a_second)

    @asynccontextmanager
    async def turn(self, turn: Turn) -> AsyncIterator[None]:
        """Wait until it is `turn`, which lasts for the block."""
        turn.waiting = True
        # In this order: who has been counted for this second must not wait on, and go in another.
        async with self._in_flight:
            await self._rate.acquire()
            turn.waiting = False
            yield
