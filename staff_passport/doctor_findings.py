"""One fault, and where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

type At = Callable[[str], "Finding"]
"""Says what is wrong at a place that is known."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong in a file, and what to do about it. Line 0 is the file as a whole."""

    file: Path
    line: int
    wrong: str

    @classmethod
    def at(cls, file: Path, line: int) -> At:
        """What makes findings for this place."""
        return partial(cls, file, line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line or 1}: {self.wrong}"
