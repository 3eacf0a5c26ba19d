"""What somebody looks for in the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.errors import CannotBeRead
from portal.forms.fields import FieldError

LONDON = ZoneInfo("Europe/London")
LONGEST = 120
FIELDS = ("actor", "action", "subject", "since", "until")


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """As it was typed: by whom, what, about which thing, and on which days, both of them included."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    after: int = 0

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "AuditSearch":
        """What a page's address says. Raises `CannotBeRead` for what no page of ours asks for."""
        actor, action, subject, since, until = (query.get(field, "").strip() for field in FIELDS)
        return cls(actor, action, subject, since, until, read_after(query))

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Which fields cannot be read."""
        found = [
            FieldError(field, "This is longer than it can be")
            for field, text in (("actor", self.actor), ("action", self.action), ("subject", self.subject))
            if len(text) > LONGEST
        ]
        found += [
            FieldError(field, "Enter a day, such as 2026-11-02")
            for field, text in (("since", self.since), ("until", self.until))
            if text and _day(text) is None
        ]
        return tuple(found)

    @property
    def told(self) -> dict[str, str]:
        """What was typed, for an address."""
        return {field: text for field in FIELDS if (text := getattr(self, field))}

    @property
    def wanted(self) -> dict[str, str | None]:
        """As the agent takes it: days are days in London."""
        return {
            "actor": self.actor or None,
            "action": self.action or None,
            "subject": self.subject or None,
            "since": _begins(_day(self.since)),
            "before": _begins(_day(self.until), timedelta(days=1)),
        }


def read_after(query: Mapping[str, str]) -> int:
    """After which entry a list is shown. Raises `CannotBeRead`."""
    after = query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 11):  # noqa: PLR2004  # as agents count
        raise CannotBeRead("filter_unknown")
    return int(after)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return None if day == date.max else day  # what ends with it ends on the day after it


def _begins(day: date | None, later: timedelta = timedelta()) -> str | None:
    return None if day is None else datetime.combine(day + later, time(), LONDON).isoformat()


def read_format(query: Mapping[str, str]) -> str:
    """In which form somebody wants the file. Raises `CannotBeRead`."""
    if (form := query.get("format", "")) not in {"csv", "jsonl"}:
        raise CannotBeRead("format_unknown")
    return form


def read_length(query: Mapping[str, str]) -> str | None:
    """Up to which entry somebody wants the file. Raises `CannotBeRead`."""
    text = query.get("length", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 11):  # noqa: PLR2004  # as agents count
        raise CannotBeRead("filter_unknown")
    return text or None
