"""Files that somebody may replace at any time, as a typed value."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel

from agent.domain.errors import Unavailable

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


class ParsedFile[M: BaseModel]:
    """A YAML file as a value of its type, which follows the file."""

    def __init__(self, path: Path, kind: type[M], *, called: str, code: str) -> None:
        self._path = path
        self._kind = kind
        self._called = called
        self._code = code
        self._file = ReadAnew((path,), self._parsed)

    async def read(self) -> M:
        """The file as it is now. Raises `Unavailable` with our `code` when it cannot be read."""
        try:
            return await self._file.read()
        except (OSError, yaml.YAMLError, ValueError) as error:
            raise Unavailable(f"{self._called} cannot be read.", code=self._code) from error

    def _parsed(self) -> M:
        return self._kind.model_validate(yaml.safe_load(self._path.read_text(encoding="utf-8")))


def _version(told: os.stat_result) -> _Version:
    return told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
