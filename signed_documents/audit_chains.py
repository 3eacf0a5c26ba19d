"""Audit chains: entries that are each bound to the one before by its hash, and their check by anyone.

An entry is told as JSON, one object a line, with exactly the names in `ENTRY` and its `hash`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

GENESIS = "0" * 64
"""What stands for the hash of the entry before the first."""
ENTRY = frozenset(
    {
        "organisation",
        "sequence",
        "intent",
        "phase",
        "action",
        "actor",
        "subject",
        "outcome",
        "code",
        "request",
        "at",
        "previous",
    }
)


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold."""

    sequence: int
    why: str


def entry_hash(entry: Mapping[str, object]) -> str:
    """SHA-256 over the sorted, compact JSON of everything that the entry says, the previous hash included."""
    said = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def exported(entry: Mapping[str, object]) -> bytes:
    """The one way in which an entry stands in a file: its JSON with sorted names, and the end of the line."""
    return json.dumps(entry, sort_keys=True).encode() + b"\n"


class ChainReader:
    """Follows a chain from its first entry, one at a time."""

    def __init__(self) -> None:
        self.length = 0
        self._previous = GENESIS
        self._organisation: object = None

    def follow(self, entry: Mapping[str, object]) -> Break | None:
        """Take the next entry; where the chain does not hold, if it does not."""
        expected = self.length + 1
        if why := self._why_not(entry, expected):
            return Break(expected, why)
        self.length, self._previous = expected, str(entry["hash"])
        self._organisation = entry["organisation"]
        return None

    def _why_not(self, entry: Mapping[str, object], expected: int) -> str | None:
        if entry.keys() != ENTRY | {"hash"}:
            return "it does not say what an entry says"
        if entry["sequence"] != expected:
            return "an entry is missing"
        if self._organisation not in (None, entry["organisation"]):
            return "it is another organisation's"
        if entry["previous"] != self._previous:
            return "it does not follow the entry before it"
        return None if entry["hash"] == entry_hash(entry) else "it was altered"
