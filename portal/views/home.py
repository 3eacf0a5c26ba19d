"""The first page."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.agent_client.reviews import ReviewCalls
from portal.agent_client.tasks import TaskCalls
from portal.pages.home import (
    IN_PROGRESS,
    OPEN_REVIEWS,
    WAITING,
    Area,
    TaskLine,
    passport_area,
    review_area,
    task_lines,
)
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()
COUNTED_TO = 50
"""As far as a count goes: one page of the agent's list, however long the list is."""


@PAGES.page("GET", "/", permission=Permission.ORGANISATION_READ)
async def home(visit: ActingVisit) -> Response:
    """What goes on: a fixed number of calls, and only those that the person may make."""
    passports, reviews, tasks = await asyncio.gather(_passports(visit), _reviews(visit), _tasks(visit))
    return visit.render("home.html", areas=[*passports, *reviews], tasks=tasks)


async def _passports(visit: ActingVisit) -> list[Area]:
    if Permission.PASSPORT_READ not in visit.permissions:
        return []
    calls, states = PassportCalls(visit.calls), (*IN_PROGRESS, *WAITING)
    pages = await asyncio.gather(*(calls.page(state=state, limit=COUNTED_TO) for state in states))
    by_state = dict(zip(states, pages, strict=True))
    return [
        passport_area("Invitations and identity", IN_PROGRESS, by_state),
        passport_area("Waiting for an offer or an answer", WAITING, by_state),
    ]


async def _reviews(visit: ActingVisit) -> list[Area]:
    if Permission.REVIEW_READ not in visit.permissions:
        return []
    calls = ReviewCalls(visit.calls)
    pages = await asyncio.gather(*(calls.page(state=state, limit=COUNTED_TO) for state in OPEN_REVIEWS))
    return [review_area(dict(zip(OPEN_REVIEWS, pages, strict=True)))]


async def _tasks(visit: ActingVisit) -> list[TaskLine] | None:
    if Permission.TASK_READ not in visit.permissions:
        return None
    return task_lines(await TaskCalls(visit.calls).open())
