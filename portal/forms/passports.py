"""Which passports somebody wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from agent.domain.passport import PassportState
from portal.errors import CannotBeRead

LONGEST = {"name": 200, "staff_group": 200, "employment_type": 200, "cursor": 300}


@dataclass(frozen=True, slots=True)
class PassportFilter:
    """By what, and from where on."""

    name: str | None = None
    state: PassportState | None = None
    staff_group: str | None = None
    employment_type: str | None = None
    cursor: str | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PassportFilter":
        """What a page's address says. Raises `CannotBeRead`."""
        told = {name: query.get(name, "").strip() or None for name in LONGEST}
        state = query.get("state", "")
        too_long = any(len(told[name] or "") > longest for name, longest in LONGEST.items())
        if too_long or (state and state not in set(PassportState)):
            raise CannotBeRead("filter_unknown")
        return cls(state=PassportState(state) if state else None, **told)

    @property
    def told(self) -> dict[str, str]:
        """What is said of it, as the agent's list takes it."""
        everything = {
            "name": self.name,
            "state": self.state,
            "staff_group": self.staff_group,
            "employment_type": self.employment_type,
            "cursor": self.cursor,
        }
        return {name: str(value) for name, value in everything.items() if value is not None}

    @property
    def narrows(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.told.keys() - {"cursor"})

    def address(self, cursor: str | None) -> str:
        """Where the page from `cursor` on is, of the same passports."""
        told = replace(self, cursor=cursor).told
        return f"/passports?{urlencode(told)}" if told else "/passports"
