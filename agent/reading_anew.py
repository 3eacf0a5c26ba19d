"""What is made of files that somebody may replace at any time."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_SETTLED_NS = 1_000_000_000
"""A file that changed less than this before it was read may change again without showing it in its times."""

type _Version = tuple[int, int, int, int]


class ReadAnew[T]:
    """Asks at every reading whether one of the files has changed, and makes the value only then.

    A change counts at once. To ask takes microseconds; to make takes milliseconds, and is done in a thread.
    """

    def __init__(self, files: Sequence[Path], make: Callable[[], T]) -> None:
        self._files = files
        self._make = make
        self._known: tuple[list[_Version], T] | None = None

    async def read(self) -> T:
        """What the files make now. Raises `OSError` when one is away, and whatever `make` raises."""
        told = [file.stat() for file in self._files]
        versions = [_version(each) for each in told]
        if self._known is not None and self._known[0] == versions:
            return self._known[1]
        made = await asyncio.to_thread(self._make)
        newest = max(each.st_mtime_ns for each in told)
        self._known = (versions, made) if time.time_ns() - newest > _SETTLED_NS else None
        return made


def _version(told: os.stat_result) -> _Version:
    return told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
