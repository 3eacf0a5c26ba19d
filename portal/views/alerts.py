"""What was accepted and stands otherwise since, and taking note of it."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.alerts import AlertCalls
from portal.forms.alerts import AlertFilter
from portal.forms.fields import identifier
from portal.pages.alerts import alert_list
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/alerts", permission=Permission.REVIEW_READ)
async def alerts(visit: ActingVisit) -> Response:
    """One page of the list."""
    chosen = AlertFilter.read(visit.request.query_params)
    page = await AlertCalls(visit.calls).page(
        review=chosen.review, unseen=chosen.unseen, cursor=chosen.cursor
    )
    return visit.render("alerts.html", list=alert_list(page, chosen))


@PAGES.page("POST", "/alerts/{alert}/acknowledgement", permission=Permission.REVIEW_REQUEST)
async def acknowledge(visit: ActingVisit) -> Response:
    """Take note of one."""
    alert = identifier(visit.request.path_params["alert"])
    await AlertCalls(visit.calls).acknowledge(alert, key=visit.key())
    return see_other("/alerts")
