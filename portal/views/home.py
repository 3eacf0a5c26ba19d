"""The first page."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.overview import OverviewCalls
from portal.agent_client.registration import Registration, RegistrationCalls
from portal.agent_client.terms import TermsCalls
from portal.pages.home import areas, task_lists
from portal.pages.our_organisation import Notice, notices
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()


@PAGES.page("GET", "/", permission=Permission.ORGANISATION_READ, reads=True)
async def home(visit: ActingVisit) -> Response:
    """What goes on: one call, and two more for whoever answers for the organisation."""
    seen, told = await asyncio.gather(OverviewCalls(visit.calls).overview(), _notices(visit))
    return visit.render("home.html", areas=areas(seen.counts), tasks=task_lists(seen.tasks), notices=told)


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
