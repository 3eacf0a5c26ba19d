"""The list of passports."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.forms.passports import PassportFilter
from portal.pages.passports import passport_list
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()


@PAGES.page("GET", "/passports", permission=Permission.PASSPORT_READ)
async def passports(visit: ActingVisit) -> Response:
    """One page of it."""
    chosen = PassportFilter.read(visit.request.query_params)
    page = await PassportCalls(visit.calls).page(state=chosen.state, cursor=chosen.cursor)
    return visit.render("passports.html", list=passport_list(page, chosen))
