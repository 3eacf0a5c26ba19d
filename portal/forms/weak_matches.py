"""What a second person says."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms.fields import FieldError


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """Whether it is the person; None when nothing was chosen."""

    is_the_person: bool | None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "DecisionForm":
        """Whatever was sent."""
        return cls({"yes": True, "no": False}.get(sent.get("decision", "")))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether one was chosen."""
        if self.is_the_person is not None:
            return ()
        return (FieldError("decision", "Say whether it is the person"),)
