"""What HR has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from portal.agent_client.tasks import Task, TaskPage
from portal.forms.tasks import OUTCOMES, TaskList, Whose
from portal.pages.words import TASK, TASK_REASON
from portal.presenting import day


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of a list."""

    href: str
    text: str
    detail: str
    task: Task


@dataclass(frozen=True, slots=True)
class Tasks:
    """One page of tasks, and the ways on from it."""

    heading: str
    all: str
    lines: Sequence[TaskLine]
    nothing: str
    others: str
    """Where the other people's tasks are, or one's own."""
    other_heading: str
    next: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class OneTask:
    """One task, as its own page has it."""

    heading: str
    rows: Sequence[dict[str, dict[str, str]]]
    """As the design system's summary list takes them."""
    task: Task
    is_mine: bool
    outcomes: Sequence[dict[str, str]]


_HEADINGS = {Whose.MINE: "Your tasks", Whose.OTHERS: "Tasks of other people"}
_NOTHING = {
    Whose.MINE: "You have nothing to look at.",
    Whose.OTHERS: "Nobody else has anything to look at.",
}


def tasks_page(page: TaskPage, chosen: TaskList) -> Tasks:
    """The page that was asked for."""
    other = Whose.OTHERS if chosen.whose is Whose.MINE else Whose.MINE
    return Tasks(
        _HEADINGS[chosen.whose],
        _address(chosen.whose, None),
        task_lines(page),
        _NOTHING[chosen.whose],
        _address(other, None),
        _HEADINGS[other],
        None if page.next is None else _address(chosen.whose, page.next),
        None if chosen.cursor is None else _address(chosen.whose, None),
    )


def task_lines(page: TaskPage) -> list[TaskLine]:
    """The tasks of a page, the newest first."""
    return [TaskLine(f"/tasks/{each.id}", _heading(each), _reason(each), each) for each in page.tasks]


def one_task(task: Task, email: str) -> OneTask:
    """One task, for whoever signed in as `email`."""
    is_mine = task.assignee == email
    told = {
        "Reason": _reason(task),
        "In their own words" if task.kind == "correction" else "What changed": task.comment,
        "Since": day(task.opened_at),
        "Who looks at it": ("You" if is_mine else task.assignee or "Nobody yet") if task.is_open else None,
        "What came of it": None if task.is_open else _outcome(task),
        "Note": task.note,
    }
    rows = [{"key": {"text": name}, "value": {"text": text}} for name, text in told.items() if text]
    outcomes = [{"value": value, "text": text} for value, text in OUTCOMES.items()]
    return OneTask(_heading(task), rows, task, is_mine, outcomes)


def _outcome(task: Task) -> str:
    said = "Done" if task.state == "done" else "There was nothing to do"
    when = "" if task.closed_at is None else f" on {day(task.closed_at)}"
    return f"{said}, says {task.closed_by or 'somebody'}{when}"


def _heading(task: Task) -> str:
    return TASK.get(task.kind, "Something to look at")


def _reason(task: Task) -> str:
    return TASK_REASON.get(task.reason, task.reason.replace("_", " ").capitalize())


def _address(whose: Whose, cursor: str | None) -> str:
    return f"/tasks?{urlencode({'whose': whose} | ({'cursor': cursor} if cursor else {}))}"
