"""Whose data somebody asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.errors import CannotBeRead
from portal.forms.fields import FieldError

KINDS = ("employee_number", "review", "person")
"""How a person is named, as the agent's API has it."""
LONGEST = 36


@dataclass(frozen=True, slots=True)
class SubjectForm:
    """A kind, and what was keyed for it."""

    kind: str = ""
    whose: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "SubjectForm":
        """Whatever was sent."""
        return cls(sent.get("kind", ""), sent.get("whose", "").strip())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is missing."""
        found = [] if self.kind in KINDS else [FieldError("kind", "Choose who the person is")]
        if not 0 < len(self.whose) <= LONGEST:
            found.append(FieldError("whose", f"Enter the number or identifier, at most {LONGEST} characters"))
        return tuple(found)


def read_format(query: Mapping[str, str]) -> str:
    """In which form somebody wants the file. Raises `CannotBeRead`."""
    if (form := query.get("format", "")) not in {"json", "html"}:
        raise CannotBeRead("format_unknown")
    return form
