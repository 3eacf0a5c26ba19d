"""A file that somebody edits while the agent runs."""

import time
from collections.abc import Callable
from pathlib import Path

_SETTLED_NS = 2_000_000_000
"""Younger, and it may change once more without its times telling: file systems count in ticks."""

type _Mark = tuple[int, int, int, int]


class EditedFile[Content]:
    """What stands in a file now: looked at every time, and read again when it was changed or replaced."""

    def __init__(
        self, path: Path, parse: Callable[[str], Content], *, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._path = path
        self._parse = parse
        self._clock = clock
        self._known: tuple[_Mark, Content] | None = None

    def now(self) -> Content:
        """Raises `OSError`, and whatever parsing raises; then nothing is remembered."""
        stat = self._path.stat()
        mark = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if self._known is not None and self._known[0] == mark:
            return self._known[1]
        self._known = None
        # Looked at first, then read: what is replaced in between is read again next time.
        content = self._parse(self._path.read_text(encoding="utf-8"))
        if self._clock() - max(stat.st_mtime_ns, stat.st_ctime_ns) > _SETTLED_NS:
            self._known = (mark, content)
        return content
