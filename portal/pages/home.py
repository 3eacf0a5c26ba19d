"""The first page: what goes on, what waits, and what is to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.passport import PassportState
from agent.domain.review import ReviewState, Verdict
from portal.agent_client.overview import Counts
from portal.agent_client.overview import Tasks as OpenTasks
from portal.agent_client.passports import PassportCounts
from portal.agent_client.reviews import ReviewCounts
from portal.forms.tasks import TaskList, Whose
from portal.pages.tasks import Tasks, tasks_page
from portal.pages.verdicts import verdict_address
from portal.pages.words import PASSPORT, REVIEW, VERDICT

IN_PROGRESS = (PassportState.INVITED, PassportState.CONNECTED)
"""The person is being invited, or it is not proven yet that it is them."""
WAITING = (PassportState.CONFIRMED, PassportState.OFFERED)
"""HR has to offer, or the person to accept."""
OPEN_REVIEWS = (ReviewState.INVITED, ReviewState.CONNECTED)
TOLD_VERDICTS = (Verdict.ACCEPTED, Verdict.REFUSED)


@dataclass(frozen=True, slots=True)
class Line:
    """One state, how many are in it, and where they are listed."""

    text: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class Area:
    """One of the three areas."""

    heading: str
    lines: Sequence[Line]


def areas(counts: Counts) -> list[Area]:
    """Those of what their reader may read."""
    passports = [] if counts.passports is None else passport_areas(counts.passports)
    return passports if counts.reviews is None else [*passports, review_area(counts.reviews)]


def task_lists(tasks: OpenTasks) -> list[Tasks]:
    """The reader's own, and others'."""
    pages = {Whose.MINE: tasks.mine, Whose.OTHERS: tasks.others}
    return [tasks_page(page, TaskList(whose, None)) for whose, page in pages.items() if page is not None]


def passport_areas(counts: PassportCounts) -> list[Area]:
    """Those of passports, a line for each state."""
    return [
        Area("Invitations and identity", [_line(state, counts) for state in IN_PROGRESS]),
        Area("Waiting for an offer or an answer", [_line(state, counts) for state in WAITING]),
    ]


def review_area(counts: ReviewCounts) -> Area:
    """The area of reviews: those that are open, and what became of what was asked for."""
    open_ones = [
        Line(REVIEW[state].text, number(counts.states.get(state, 0)), f"/reviews?state={state}")
        for state in OPEN_REVIEWS
    ]
    judged = [
        Line(VERDICT[each].text, number(counts.verdicts.get(each, 0)), verdict_address(each))
        for each in TOLD_VERDICTS
    ]
    return Area("Reviews", open_ones + judged)


def number(count: int) -> str:
    """A number as people write it."""
    return f"{count:,}"


def _line(state: PassportState, counts: PassportCounts) -> Line:
    return Line(PASSPORT[state].text, number(counts.of(state)), f"/passports?state={state}")
