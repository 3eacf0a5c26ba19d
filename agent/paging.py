"""Pages of a list: how many, from where on, and which."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from agent.domain.errors import InvalidInput

type Position = tuple[datetime, str]
"""When the last row of a page was made, and its id."""

MOST = 200
LIMIT = {"limit": "how many, 1 to 200; 50 when not given", "cursor": "`next` of the page before"}
"""The parameters that every list has."""
CHAIN_PAGE = {"after": "the sequence number to go on from", "limit": "how many, 1 to 500; 100 when not given"}
"""Those of a list of the audit's entries."""
LARGEST = 2**31 - 1


def cursor(position: Position) -> str:
    """A position as an opaque word."""
    at, identifier = position
    return base64.urlsafe_b64encode(f"{at.isoformat()} {identifier}".encode()).decode()


def position(query: Mapping[str, str]) -> Position | None:
    """The position to go on from. Raises `InvalidInput` for a cursor that is none of ours."""
    if (word := query.get("cursor")) is None:
        return None
    try:
        at, _, identifier = base64.urlsafe_b64decode(word.encode()).decode().partition(" ")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not identifier or "\x00" in identifier:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise InvalidInput("The cursor is none of ours.", fields={"cursor": "unknown"}) from error
    return instant, identifier


def name_cursor(name: str, identifier: str) -> str:
    """A position in a list that goes by name."""
    return base64.urlsafe_b64encode(f"{identifier} {name}".encode()).decode()


def name_position(query: Mapping[str, str]) -> tuple[str, str] | None:
    """The name and id to go on from. Raises `InvalidInput` for a cursor that is none of ours."""
    if (word := query.get("cursor")) is None:
        return None
    try:
        identifier, space, name = base64.urlsafe_b64decode(word.encode()).decode().partition(" ")
        if not identifier or not space or "\x00" in identifier + name:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise InvalidInput("The cursor is none of ours.", fields={"cursor": "unknown"}) from error
    return name, identifier


def limit(query: Mapping[str, str]) -> int:
    """How many rows a page has. Raises `InvalidInput` outside 1 to 200."""
    text = query.get("limit", "50")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
        raise InvalidInput(f"limit is a whole number from 1 to {MOST}.", fields={"limit": "not in range"})
    return int(text)


def chain_page(query: Mapping[str, str]) -> tuple[int, int]:
    """After which of the audit's entries to go on, and how many there are. Raises `InvalidInput`."""
    return whole(query, "after", 0), whole(query, "limit", 100, least=1, most=500)


def whole(
    query: Mapping[str, str], name: str, default: int | None, *, least: int = 0, most: int = LARGEST
) -> int:
    """The number that a parameter says. Raises `InvalidInput` outside `least` to `most`."""
    text = query.get(name, "" if default is None else str(default))
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))
    if not is_number or not least <= int(text) <= most:
        sentence = f"{name} is a whole number from {least} to {most}."
        raise InvalidInput(sentence, fields={name: "not a whole number in range"})
    return int(text)


def chosen[E: StrEnum](query: Mapping[str, str], name: str, among: type[E]) -> E | None:
    """The value that the filter `name` names. Raises `InvalidInput` for one that there is not."""
    if (text := query.get(name)) is None:
        return None
    if text not in set(among):
        raise InvalidInput(f"There is no such {name}.", fields={name: f"one of {', '.join(among)}"})
    return among(text)


def instant(query: Mapping[str, str], name: str) -> datetime | None:
    """The instant that the filter `name` names. Raises `InvalidInput` unless it is one with a time zone."""
    if (text := query.get(name)) is None:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        wanted = "ISO 8601 with a time zone, such as 2026-11-02T12:00:00Z"
        raise InvalidInput(f"{name} is an instant.", fields={name: wanted})
    return told
