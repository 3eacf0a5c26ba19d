"""What a host says around a review: why, what to ask for, and what it decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.review import Decision, ReviewState
from portal.agent_client.local_settings import LocalSettings
from portal.errors import CannotBeRead
from portal.forms.fields import FieldError, read_cursor

SHORTEST, LONGEST_PURPOSE, LONGEST_REASON = 3, 200, 500
ANY_FORMAT = "any"
WAITS = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
}
"""How long an answer is waited for."""
USUAL_WAIT = "1d"


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews somebody wants to see, and from where on."""

    state: ReviewState | None
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "ReviewFilter":
        """What a page's address says. Raises `CannotBeRead`."""
        state = query.get("state", "")
        if state and state not in set(ReviewState):
            raise CannotBeRead("filter_unknown")
        return cls(ReviewState(state) if state else None, read_cursor(query))


@dataclass(frozen=True, slots=True)
class PurposeForm:
    """Why the person is asked: they read it."""

    purpose: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "PurposeForm":
        """Whatever was sent."""
        return cls(sent.get("purpose", "").strip())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether somebody could read it and know why they are asked."""
        return _told("purpose", self.purpose, "Enter the purpose", LONGEST_PURPOSE)


@dataclass(frozen=True, slots=True)
class AskForm:
    """What to ask for. Of formats, none is chosen unless somebody does."""

    types: tuple[CredentialType, ...]
    form: str
    wait: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "AskForm":
        """Whatever was sent."""
        types = tuple(each for each in PASSPORT_TYPES if f"ask_{each}" in sent)
        return cls(types, sent.get("form", ANY_FORMAT), sent.get("wait", USUAL_WAIT))

    @classmethod
    def usual(cls, known: LocalSettings) -> "AskForm":
        """What the organisation usually asks for, in whatever format the wallet has."""
        hours = timedelta(hours=known.usual_wait_hours.value)
        wait = next((name for name, time in WAITS.items() if time == hours), USUAL_WAIT)
        return cls(known.usual_types.value, ANY_FORMAT, wait)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What was not chosen, or is no choice."""
        found = []
        if not self.types:
            found.append(FieldError(f"ask_{PASSPORT_TYPES[0]}", "Choose at least one thing to ask for"))
        if self.form not in {ANY_FORMAT, *CredentialFormat}:
            found.append(FieldError("form", "Choose a format"))
        if self.wait not in WAITS:
            found.append(FieldError("wait", "Choose how long to wait"))
        return tuple(found)

    @property
    def formats(self) -> tuple[CredentialFormat, ...] | None:
        """The one that was chosen; None for whatever the wallet has."""
        return None if self.form == ANY_FORMAT else (CredentialFormat(self.form),)

    @property
    def waits_seconds(self) -> int:
        """How long to wait."""
        return int(WAITS[self.wait].total_seconds())


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What somebody decided, and why."""

    decision: str = ""
    reason: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "DecisionForm":
        """Whatever was sent."""
        return cls(sent.get("decision", ""), sent.get("reason", "").strip())

    @property
    def chosen(self) -> Decision:
        """What was decided, of a form without errors."""
        return Decision(self.decision)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is missing."""
        found = [] if self.decision in set(Decision) else [FieldError("decision", "Choose accept or reject")]
        return (*found, *_told("reason", self.reason, "Enter the reason", LONGEST_REASON))


def _told(field: str, text: str, missing: str, longest: int) -> tuple[FieldError, ...]:
    if not text:
        return (FieldError(field, missing),)
    if not SHORTEST <= len(text) <= longest:
        sentence = f"Use between {SHORTEST} and {longest} characters"
        return (FieldError(field, sentence),)
    return ()
