"""The code that somebody read out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms.fields import FieldError

DIGITS = 8
LONGEST = 40


@dataclass(frozen=True, slots=True)
class CodeForm:
    """Read, and not yet checked; spaces and hyphens do not count."""

    code: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "CodeForm":
        """Whatever was sent."""
        return cls(re.sub(r"[\s-]", "", sent.get("code", "")[:LONGEST]))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether it may be a code at all: one that is mistyped is no try."""
        if not self.code:
            return (FieldError("code", "Enter the code that the person reads out"),)
        if not (self.code.isascii() and self.code.isdigit() and len(self.code) == DIGITS):
            return (FieldError("code", f"The code must be {DIGITS} numbers"),)
        return ()
