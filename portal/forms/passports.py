"""Which passports somebody wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.passport import PassportState
from portal.errors import CannotBeRead

LONGEST_CURSOR = 300


@dataclass(frozen=True, slots=True)
class PassportFilter:
    """In which state, and from where on."""

    state: PassportState | None
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PassportFilter":
        """What a page's address says. Raises `CannotBeRead`."""
        state, cursor = query.get("state", ""), query.get("cursor", "")
        if len(cursor) > LONGEST_CURSOR or (state and state not in set(PassportState)):
            raise CannotBeRead("filter_unknown")
        return cls(PassportState(state) if state else None, cursor or None)
