"""The first page: what goes on, what waits, and what is to be looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.domain.passport import PassportState
from agent.domain.review import ReviewState
from portal.agent_client.passports import PassportPage
from portal.agent_client.reviews import ReviewPage
from portal.agent_client.tasks import Task, TaskPage
from portal.pages.words import PASSPORT, TASK

IN_PROGRESS = (PassportState.INVITED, PassportState.CONNECTED)
"""The person is being invited, or it is not proven yet that it is them."""
WAITING = (PassportState.CONFIRMED, PassportState.OFFERED)
"""HR has to offer, or the person to accept."""
OPEN_REVIEWS = (ReviewState.INVITED, ReviewState.CONNECTED)
REVIEW_WORDS = {ReviewState.INVITED: "Invited", ReviewState.CONNECTED: "Connected"}


@dataclass(frozen=True, slots=True)
class Line:
    """One state and how many are in it; with an address where they are listed."""

    text: str
    count: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """One of the three areas."""

    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task."""

    text: str
    detail: str
    task: Task


def passport_area(
    heading: str, states: Sequence[PassportState], pages: Mapping[PassportState, PassportPage]
) -> Area:
    """An area of passports, a line for each state."""
    return Area(heading, [_line(state, pages[state]) for state in states])


def review_area(pages: Mapping[ReviewState, ReviewPage]) -> Area:
    """The area of reviews that are open."""
    lines = [
        Line(REVIEW_WORDS[state], counted(len(page.reviews), more=page.next is not None))
        for state, page in pages.items()
    ]
    return Area("Reviews", lines)


def task_lines(page: TaskPage) -> list[TaskLine]:
    """The open tasks, the newest first."""
    return [
        TaskLine(TASK.get(task.kind, "Something to look at"), task.reason.replace("_", " "), task)
        for task in page.tasks
    ]


def counted(number: int, *, more: bool) -> str:
    """How many there are, as far as one page of an agent's list can tell."""
    return f"{number} or more" if more else str(number)


def _line(state: PassportState, page: PassportPage) -> Line:
    count = counted(len(page.passports), more=page.next is not None)
    return Line(PASSPORT[state].text, count, f"/passports?state={state}")
