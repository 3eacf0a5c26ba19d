"""What a second person says."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms.fields import FieldError


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """Read, and not yet checked."""

    decision: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "DecisionForm":
        """Whatever was sent."""
        return cls(sent.get("decision", ""))

    @property
    def is_the_person(self) -> bool | None:
        """None when nothing was chosen."""
        return {"yes": True, "no": False}.get(self.decision)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether one was chosen."""
        if self.is_the_person is not None:
            return ()
        return (FieldError("decision", "Say whether it is the person"),)
