"""The list of passports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from agent.domain.passport import PassportState
from portal.agent_client.passports import PassportPage
from portal.forms.passports import PassportFilter
from portal.pages.words import PASSPORT, Word


@dataclass(frozen=True, slots=True)
class Row:
    """One passport."""

    name: str
    assignment: str
    word: Word
    made: datetime


@dataclass(frozen=True, slots=True)
class PassportList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    choices: list[dict[str, object]]
    """The filter, as the design system's select takes it."""
    next: str | None
    first: str | None


def passport_list(page: PassportPage, chosen: PassportFilter) -> PassportList:
    """The page that was asked for."""
    rows = [
        Row(each.holder_name, each.assignment_number, PASSPORT[each.state], each.created_at)
        for each in page.passports
    ]
    onwards = None if page.next is None else _address(chosen.state, page.next)
    back = None if chosen.cursor is None else _address(chosen.state, None)
    return PassportList(rows, _choices(chosen.state), onwards, back)


def _choices(chosen: PassportState | None) -> list[dict[str, object]]:
    states = [
        {"value": str(state), "text": word.text, "selected": state is chosen}
        for state, word in PASSPORT.items()
    ]
    return [{"value": "", "text": "All", "selected": chosen is None}, *states]


def _address(state: PassportState | None, cursor: str | None) -> str:
    told = {"state": state, "cursor": cursor}
    query = urlencode({name: str(value) for name, value in told.items() if value})
    return f"/passports?{query}" if query else "/passports"
