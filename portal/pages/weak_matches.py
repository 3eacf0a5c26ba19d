"""Matches that wait for a second person: what was typed, and never what ESR says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from agent.domain.ports.staff_records import Agreement, SearchState
from portal.agent_client.esr import ComparedField, WaitingMatch, WaitingMatches, WeakMatch
from portal.pages.issue import FIELDS, FieldRow
from portal.pages.words import AGREEMENT, written

COMPARED = "Compared, and not kept"
GONE = "Not kept after the decision"
DECISIONS = (
    {"value": "yes", "text": "Yes, this is the person"},
    {"value": "no", "text": "No, or nobody can tell"},
)


@dataclass(frozen=True, slots=True)
class WaitingList:
    """One page of those that wait, and the ways on from it."""

    matches: Sequence[WaitingMatch]
    next: str | None
    first: str | None

    @property
    def says(self) -> str:
        """What a screen reader says when it has changed."""
        return f"Weak matches that wait on this page: {len(self.matches)}"


def waiting_list(page: WaitingMatches, cursor: str | None) -> WaitingList:
    """The page that was asked for."""
    onwards = None if page.next is None else f"/weak-matches?{urlencode({'cursor': page.next})}"
    return WaitingList(page.weak_matches, onwards, None if cursor is None else "/weak-matches")


@dataclass(frozen=True, slots=True)
class WeakMatchPage:
    """One of them."""

    id: str
    rows: Sequence[FieldRow]
    searched_by: str
    searched_at: datetime
    expires_at: datetime
    is_own: bool
    waits: bool
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    choices: Sequence[dict[str, str]]
    """As the design system's radios take them."""


def weak_match_page(match: WeakMatch, reader: str) -> WeakMatchPage:
    """As `reader` sees it: nobody confirms their own."""
    is_own = match.searched_by == reader
    confirmed = match.state is SearchState.CONFIRMED
    return WeakMatchPage(
        match.search,
        [
            FieldRow(FIELDS[each.name], _typed(each, match), "", AGREEMENT[each.agreement])
            for each in match.fields
        ],
        match.searched_by,
        match.searched_at,
        match.expires_at,
        is_own,
        match.state is SearchState.AWAITING,
        "It is the person" if confirmed else "It is not the person, or nobody can tell",
        match.decided_by,
        match.decided_at,
        DECISIONS[1:] if is_own else DECISIONS,
    )


def _typed(field: ComparedField, match: WeakMatch) -> str:
    if field.agreement is Agreement.NOT_GIVEN:
        return "Not given"
    told = {
        "surname": match.surname,
        "forenames": match.forenames,
        "date_of_birth": None if match.date_of_birth is None else written(match.date_of_birth),
    }
    return (told[field.name] or GONE) if field.name in told else COMPARED
