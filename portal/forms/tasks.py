"""Which tasks somebody wants to see, and what they say came of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.errors import CannotBeRead
from portal.forms.fields import FieldError

LONGEST_CURSOR = 300
LONGEST_NOTE = 500
OUTCOMES = {"done": "I have done it", "dismissed": "There was nothing to do"}


class Whose(StrEnum):
    """Whose tasks."""

    MINE = "mine"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class TaskList:
    """Whose, and from where on."""

    whose: Whose
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "TaskList":
        """What a page's address says. Raises `CannotBeRead`."""
        whose, cursor = query.get("whose", Whose.MINE), query.get("cursor", "")
        if whose not in set(Whose) or len(cursor) > LONGEST_CURSOR:
            raise CannotBeRead("filter_unknown")
        return cls(Whose(whose), cursor or None)


@dataclass(frozen=True, slots=True)
class CompletionForm:
    """Read, and not yet checked."""

    outcome: str
    note: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "CompletionForm":
        """Whatever was sent."""
        return cls(sent.get("outcome", ""), sent.get("note", "").replace("\r\n", "\n").strip())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether an outcome was chosen, and the note fits."""
        errors = []
        if self.outcome not in OUTCOMES:
            errors.append(FieldError("outcome", "Choose what came of it"))
        if len(self.note) > LONGEST_NOTE:
            errors.append(FieldError("note", f"Use {LONGEST_NOTE} characters or fewer"))
        return tuple(errors)
