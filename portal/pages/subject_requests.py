"""What is held of a person, to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.agent_client.subject_requests import Export, Held
from portal.forms.subject_requests import KINDS

WORDS = {
    "employee_number": ("One of our staff", "Their employee number"),
    "review": ("Somebody who came to work here", "The identifier of their review, from its address"),
    "person": ("Somebody who acts for this organisation", "Their identifier, from the list of people"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record, as the design system's summary list takes it."""

    heading: str
    rows: list[dict[str, object]]


def kinds(chosen: str) -> list[dict[str, object]]:
    """The choices, as the design system's radios take them."""
    return [
        {"value": kind, "text": WORDS[kind][0], "hint": {"text": WORDS[kind][1]}, "checked": kind == chosen}
        for kind in KINDS
    ]


def records(export: Export) -> Sequence[Record]:
    """Every record, with what is empty left out."""
    return [_record(each) for each in export.records]


def _record(held: Held) -> Record:
    rows: list[dict[str, object]] = [
        {"key": {"text": name}, "value": {"text": text, "classes": "portal-wide"}}
        for name, text in _told(held.data)
    ]
    return Record(held.category.capitalize(), rows)


def _told(data: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{above}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            told += _told(value, f"{name}: ")
        elif isinstance(value, list):
            told += _told({f"{number}": each for number, each in enumerate(value, 1)}, f"{name} ")
        elif value not in (None, ""):
            told.append((name, str(value)))
    return told
