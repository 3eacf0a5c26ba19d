"""Why something is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.credentials import RevocationReason
from portal.forms.fields import FieldError

REASONS = tuple(each for each in RevocationReason if each is not RevocationReason.ORGANISATION_SUCCEEDED)
"""Those that people choose from; the one that is left out comes by rule."""


@dataclass(frozen=True, slots=True)
class ReasonForm:
    """Read, and not yet checked."""

    reason: RevocationReason | None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "ReasonForm":
        """Whatever was sent."""
        return cls(next((each for each in REASONS if each == sent.get("reason")), None))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether one was chosen."""
        return () if self.reason is not None else (FieldError("reason", "Choose a reason"),)
