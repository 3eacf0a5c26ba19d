"""By whom terms are accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain.registration import Capacity
from portal.forms.fields import FieldError

LONGEST_NAME = 200
AT_FIELDS = {
    "name": FieldError("name", "Enter your full name, in up to 200 characters"),
    "capacity": FieldError("capacity", "Choose in what capacity you accept"),
    "digest": FieldError(None, "Load this page again, and read the terms that it shows then"),
}
"""What the form says of each of the API's fields."""
NOT_READ = FieldError(
    "agreed", "Confirm that you have read these terms, and accept them for your organisation"
)
CHANGED = FieldError(
    None, "A new version was published while you were reading. This is it now: read it first"
)


@dataclass(frozen=True, slots=True)
class AcceptanceForm:
    """Read, and not yet checked."""

    digest: str
    """Of the text that was on the page."""
    name: str
    capacity: str
    agreed: bool

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "AcceptanceForm":
        """Whatever was sent."""
        said = {name: sent.get(name, "").strip() for name in ("digest", "name", "capacity")}
        return cls(**said, agreed="agreed" in sent)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        fit = {
            "name": 0 < len(self.name) <= LONGEST_NAME,
            "capacity": self.capacity in set(Capacity),
        }
        wrong = tuple(AT_FIELDS[field] for field, fits in fit.items() if not fits)
        return wrong if self.agreed else (*wrong, NOT_READ)

    @property
    def said(self) -> dict[str, Any]:
        """As the agent takes it."""
        return {"digest": self.digest, "name": self.name, "capacity": self.capacity}
