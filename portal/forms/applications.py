"""Whom the operator's people invite, what they heard when they called back, and why they decide."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.agent_client.applications import ApplicationState
from portal.errors import CannotBeRead
from portal.forms.fields import FieldError

ODS_CODE = re.compile(r"[A-Z0-9]{3,6}")
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{6,24}")
CODE = re.compile(r"[0-9]{8}")
LONGEST = 200
LONGEST_REASON = 500
LONGEST_CURSOR = 300
SENTENCES = {
    "number": "Enter the number that you called, like 020 7946 0000",
    "number_from": "Enter where you looked the number up",
    "spoke_to": "Enter who answered",
    "code": "Enter the eight digits that they read out",
    "confirmed": "Choose whether they confirm that they apply",
}
AT_FIELDS = {name: FieldError(name, sentence) for name, sentence in SENTENCES.items()}
"""What the form says of each of the API's fields."""
NO_ORGANISATION = FieldError("ods", "Enter the ODS code of the organisation, like ZZNM1")
NO_REASON = FieldError("reason", "Enter a reason, in up to 500 characters: the organisation reads it")


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """In which state, and from where on."""

    state: ApplicationState | None
    cursor: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "ApplicationFilter":
        """What a page's address says. Raises `CannotBeRead`."""
        state, cursor = query.get("state", ""), query.get("cursor", "")
        if len(cursor) > LONGEST_CURSOR or (state and state not in set(ApplicationState)):
            raise CannotBeRead("filter_unknown")
        return cls(ApplicationState(state) if state else None, cursor or None)


@dataclass(frozen=True, slots=True)
class InviteForm:
    """Which organisation."""

    ods: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "InviteForm":
        """Whatever was sent."""
        return cls(sent.get("ods", "").strip().upper())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether it can be one."""
        return () if ODS_CODE.fullmatch(self.ods) else (NO_ORGANISATION,)


@dataclass(frozen=True, slots=True)
class CallBackForm:
    """Read, and not yet checked."""

    number: str
    number_from: str
    spoke_to: str
    code: str
    confirmed: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "CallBackForm":
        """Whatever was sent."""
        return cls(**{name: sent.get(name, "").strip() for name in SENTENCES})

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read, and why."""
        fit = {
            "number": PHONE.fullmatch(self.number) is not None,
            "number_from": 0 < len(self.number_from) <= LONGEST,
            "spoke_to": 0 < len(self.spoke_to) <= LONGEST,
            "code": CODE.fullmatch("".join(self.code.split())) is not None,
            "confirmed": self.confirmed in {"yes", "no"},
        }
        return tuple(AT_FIELDS[field] for field, fits in fit.items() if not fits)

    @property
    def said(self) -> dict[str, Any]:
        """As the agent takes it."""
        return {
            "number": self.number,
            "number_from": self.number_from,
            "spoke_to": self.spoke_to,
            "code": "".join(self.code.split()),
            "confirmed": self.confirmed == "yes",
        }


@dataclass(frozen=True, slots=True)
class ReasonForm:
    """Why."""

    reason: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "ReasonForm":
        """Whatever was sent."""
        return cls(sent.get("reason", "").strip())

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Whether there is one."""
        return () if 0 < len(self.reason) <= LONGEST_REASON else (NO_REASON,)
