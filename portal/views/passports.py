"""The list of passports."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.forms.passports import PassportFilter
from portal.pages.passports import passport_list
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()


@PAGES.page("GET", "/passports", permission=Permission.PASSPORT_READ, reads=True)
async def passports(visit: ActingVisit) -> Response:
    """One page of it."""
    chosen, calls = PassportFilter.read(visit.request.query_params), PassportCalls(visit.calls)
    page, kinds = await asyncio.gather(calls.page(chosen.told), visit.portal.kinds.of(visit.session, calls))
    return visit.render("passports.html", list=passport_list(page, kinds, chosen))
