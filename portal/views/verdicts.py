"""What came of everything that a host asked for."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.reviews import ReviewCalls
from portal.forms.verdicts import VerdictFilter
from portal.pages.verdicts import verdict_list
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()


@PAGES.page("GET", "/verdicts", permission=Permission.REVIEW_READ, reads=True)
async def verdicts(visit: ActingVisit) -> Response:
    """One page of the requests that have one verdict."""
    chosen = VerdictFilter.read(visit.request.query_params)
    page = await ReviewCalls(visit.calls).with_verdict(chosen.verdict, cursor=chosen.cursor)
    return visit.render("verdicts.html", list=verdict_list(page, chosen))
