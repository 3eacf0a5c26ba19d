"""To read again until something has come to pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 180


class NotAsItShouldBe(Exception):
    """A step came to another end than it must."""


async def until[T](read: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Read again until it holds. Raises `NotAsItShouldBe` when it does not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(found := await read()):
        if time.monotonic() > deadline:
            raise NotAsItShouldBe(f"nothing changed within {PATIENCE_SECONDS} s")
        await asyncio.sleep(0.1)
    return found
