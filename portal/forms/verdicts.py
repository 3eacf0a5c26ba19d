"""Which verdict somebody wants to see the requests of."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.review import Verdict
from portal.errors import CannotBeRead
from portal.forms.fields import read_cursor


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """One verdict, and from where on."""

    verdict: Verdict
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "VerdictFilter":
        """What a page's address says; what passed, where it says nothing. Raises `CannotBeRead`."""
        said = query.get("verdict", Verdict.ACCEPTED)
        if said not in set(Verdict):
            raise CannotBeRead("filter_unknown")
        return cls(Verdict(said), read_cursor(query))
