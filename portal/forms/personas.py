"""Which persona of a demonstration somebody wants to be."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.accounts import Email


@dataclass(frozen=True, slots=True)
class PersonaForm:
    """Read, and not yet looked up."""

    email: Email

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "PersonaForm":
        """Whatever was sent."""
        return cls(Email(sent.get("persona", "").strip().lower()))
