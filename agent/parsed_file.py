"""A YAML file that somebody may replace at any time, as a typed value."""

import asyncio
import os
import time
from pathlib import Path

import yaml
from pydantic import BaseModel

from agent.domain.errors import Unavailable

_SETTLED_NS = 1_000_000_000
"""A file that changed less than this before it was read may change again without showing it in its times."""

type _Version = tuple[int, int, int, int]


class ParsedFile[M: BaseModel]:
    """Asks at every reading whether the file has changed, and parses it only then.

    A change counts at once. To ask takes microseconds; to parse takes milliseconds, and is done in a thread.
    """

    def __init__(self, path: Path, kind: type[M], *, called: str, code: str) -> None:
        self._path = path
        self._kind = kind
        self._called = called
        self._code = code
        self._known: tuple[_Version, M] | None = None

    async def read(self) -> M:
        """The file as it is now. Raises `Unavailable` with our `code` when it cannot be read."""
        try:
            told = self._path.stat()
            if self._known is not None and self._known[0] == _version(told):
                return self._known[1]
            parsed = await asyncio.to_thread(self._parsed)
        except (OSError, yaml.YAMLError, ValueError) as error:
            raise Unavailable(f"{self._called} cannot be read.", code=self._code) from error
        settled = time.time_ns() - told.st_mtime_ns > _SETTLED_NS
        self._known = (_version(told), parsed) if settled else None
        return parsed

    def _parsed(self) -> M:
        return self._kind.model_validate(yaml.safe_load(self._path.read_text(encoding="utf-8")))


def _version(told: os.stat_result) -> _Version:
    return told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
