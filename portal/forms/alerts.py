"""Which alerts somebody wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms.fields import identifier, read_cursor


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Of which review, only those that nobody took note of, and from where on."""

    review: str | None
    unseen: bool
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "AlertFilter":
        """What a page's address says. Raises `CannotBeRead`, and `NotFound` for what names no review."""
        review = query.get("review")
        return cls(identifier(review) if review else None, query.get("show") != "all", read_cursor(query))
