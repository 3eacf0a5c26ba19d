"""Which organisation somebody chose."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms.fields import FieldError


@dataclass(frozen=True, slots=True)
class ChoiceForm:
    """Read, and not yet checked."""

    organisation: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "ChoiceForm":
        """Whatever was sent."""
        return cls(sent.get("organisation", ""))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether one was chosen."""
        if self.organisation:
            return ()
        return (FieldError("organisation", "Choose the organisation that you act for"),)
