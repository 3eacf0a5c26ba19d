"""The first page."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.agent_client.people import PeopleCalls
from portal.agent_client.registration import Registration, RegistrationCalls
from portal.agent_client.reviews import ReviewCalls
from portal.agent_client.tasks import TaskCalls
from portal.agent_client.terms import TermsCalls
from portal.forms.tasks import TaskList, Whose
from portal.pages.home import Area, passport_areas, review_area
from portal.pages.our_organisation import Notice, notices
from portal.pages.tasks import Tasks, tasks_page
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()
TASKS_SHOWN = 5


@PAGES.page("GET", "/", permission=Permission.ORGANISATION_READ, reads=True)
async def home(visit: ActingVisit) -> Response:
    """What goes on: a fixed number of calls, and only those that the person may make."""
    passports, reviews, mine, others, told = await asyncio.gather(
        _passports(visit),
        _reviews(visit),
        _tasks(visit, Whose.MINE),
        _tasks(visit, Whose.OTHERS),
        _notices(visit),
    )
    if not (passports or reviews or mine or told):
        await PeopleCalls(visit.calls).me()  # nothing else has asked whether the person is still one of them
    return visit.render("home.html", areas=[*passports, *reviews], tasks=[*mine, *others], notices=told)


async def _passports(visit: ActingVisit) -> list[Area]:
    if Permission.PASSPORT_READ not in visit.permissions:
        return []
    return passport_areas(await PassportCalls(visit.calls).counts())


async def _reviews(visit: ActingVisit) -> list[Area]:
    if Permission.REVIEW_READ not in visit.permissions:
        return []
    return [review_area(await ReviewCalls(visit.calls).counts())]


async def _tasks(visit: ActingVisit, whose: Whose) -> list[Tasks]:
    if Permission.TASK_READ not in visit.permissions:
        return []
    page = await TaskCalls(visit.calls).open(whose, limit=TASKS_SHOWN)
    return [tasks_page(page, TaskList(whose, None))]


async def _notices(visit: ActingVisit) -> list[Notice]:
    if Permission.ORGANISATION_ACTIVATE not in visit.permissions:
        return []
    terms, registration = await asyncio.gather(TermsCalls(visit.calls).overview(), _registration(visit))
    return notices(registration, terms)


async def _registration(visit: ActingVisit) -> Registration | None:
    """For whoever registers: the operator is registered by nobody."""
    if Permission.ORGANISATION_REGISTER not in visit.permissions:
        return None
    return await RegistrationCalls(visit.calls).registration()
