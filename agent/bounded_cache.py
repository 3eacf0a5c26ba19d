"""ACA-Py's cache, with an end to how much it keeps."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acapy_agent.cache.base import BaseCache
from cachetools import TLRUCache

MOST_ENTRIES = 400
"""A connection in use has three: where it leads, whose keys are its own, and the other end's document."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: object
    seconds: float


class BoundedCache(BaseCache):
    """Forgets what was not used for longest when it is full; what is forgotten is read again from storage.

    ACA-Py's own keeps everything for an hour, and walks over all of it at each look.
    """

    def __init__(
        self, most_entries: int = MOST_ENTRIES, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # ACA-Py
        self._entries = TLRUCache[str, _Entry, float](most_entries, _ends_at, timer)

    async def get(self, key: str) -> object:
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    async def set(self, keys: str | Sequence[str], value: object, ttl: int | None = None) -> None:
        """`ttl` in seconds; without it, an entry stays until it has to give way."""
        entry = _Entry(value, float("inf") if ttl is None else ttl)
        for key in (keys,) if isinstance(keys, str) else keys:
            self._entries[key] = entry

    async def clear(self, key: str) -> None:
        self._entries.pop(key, None)

    async def flush(self) -> None:
        self._entries.clear()


def _ends_at(_key: str, entry: _Entry, now: float) -> float:
    return now + entry.seconds
