"""The list of passports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.agent_client.passports import PassportKinds, PassportPage
from portal.forms.passports import PassportFilter
from portal.pages.words import PASSPORT, Word

type Choices = list[dict[str, object]]
"""What can be chosen, as the design system's select takes it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One passport."""

    href: str
    name: str
    assignment: str
    word: Word
    made: datetime


@dataclass(frozen=True, slots=True)
class PassportList:
    """One page of the list, and the ways on from it."""

    rows: Sequence[Row]
    name: str
    states: Choices
    staff_groups: Choices
    employment_types: Choices
    narrowed: bool
    next: str | None
    first: str | None


def passport_list(page: PassportPage, kinds: PassportKinds, chosen: PassportFilter) -> PassportList:
    """The page that was asked for."""
    return PassportList(
        rows=[
            Row(
                f"/passports/{each.id}",
                each.holder_name or "Erased",
                each.assignment_number,
                PASSPORT[each.state],
                each.created_at,
            )
            for each in page.passports
        ],
        name=chosen.name or "",
        states=_choices({str(state): word.text for state, word in PASSPORT.items()}, chosen.state),
        staff_groups=_choices(dict.fromkeys(kinds.staff_groups), chosen.staff_group),
        employment_types=_choices(dict.fromkeys(kinds.employment_types), chosen.employment_type),
        narrowed=chosen.narrows,
        next=None if page.next is None else chosen.address(page.next),
        first=None if chosen.cursor is None else chosen.address(None),
    )


def _choices(texts: dict[str, str | None] | dict[str, str], chosen: str | None) -> Choices:
    """Everything that can be chosen, and what was, even if there is none like it any more."""
    known = {} if chosen is None else {str(chosen): str(chosen)}
    return [
        {"value": "", "text": "All", "selected": chosen is None},
        *(
            {"value": value, "text": text or value, "selected": value == chosen}
            for value, text in (known | texts).items()
        ),
    ]
