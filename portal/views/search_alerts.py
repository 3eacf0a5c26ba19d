"""Searches to look into: where an agent's e-mail leads administrators."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.search_alerts import SearchAlertCalls
from portal.pages.search_alerts import alert_list
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/search-alerts", permission=Permission.SEARCH_ALERT_READ)
async def alerts(visit: ActingVisit) -> Response:
    """One page of the list."""
    page = await SearchAlertCalls(visit.calls).page(cursor=visit.request.query_params.get("cursor"))
    return visit.render("search_alerts.html", list=alert_list(page))


@PAGES.page("POST", "/search-alerts", permission=Permission.SEARCH_ALERT_ACKNOWLEDGE)
async def acknowledge(visit: ActingVisit) -> Response:
    """Say that somebody has seen to one."""
    await SearchAlertCalls(visit.calls).acknowledge(visit.form.get("alert", ""), key=visit.key())
    return see_other("/search-alerts")
