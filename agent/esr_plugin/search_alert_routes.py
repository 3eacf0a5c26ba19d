"""Alerts about searches that miss again and again, over HTTP."""

from datetime import datetime

from agent.domain.actors import Permission
from agent.esr_plugin.limits import SearchAlert
from agent.esr_plugin.search_alerts import SearchAlerts
from agent.paging import LIMIT, cursor, limit, position
from agent.routing import Answer, Call, RouteTable

SEARCH_ALERT_ROUTES = RouteTable("esr_plugin")


class SearchAlertAnswer(Answer):
    """Whose searches missed, how often within ten minutes, and who has seen to it."""

    id: str
    user: str
    misses: int
    at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class SearchAlertsAnswer(Answer):
    """One page of alerts; `next` is the cursor of the following one."""

    alerts: tuple[SearchAlertAnswer, ...]
    next: str | None


@SEARCH_ALERT_ROUTES.get(
    "/esr/search-alerts",
    permission=Permission.SEARCH_ALERT_READ,
    summary="Users whose searches missed again and again, newest first",
    answer=SearchAlertsAnswer,
    query=LIMIT,
)
async def search_alerts(call: Call[None]) -> SearchAlertsAnswer:
    """List alerts."""
    most = limit(call.query)
    found = await call.inject(SearchAlerts).page(after=position(call.query), limit=most)
    following = cursor((found[-1].at, found[-1].id)) if len(found) == most else None
    return SearchAlertsAnswer(alerts=tuple(map(_answer, found)), next=following)


@SEARCH_ALERT_ROUTES.post(
    "/esr/search-alerts/{search_alert}/acknowledgement",
    permission=Permission.SEARCH_ALERT_ACKNOWLEDGE,
    summary="Say that one has seen to it. Not about oneself",
    answer=SearchAlertAnswer,
)
async def acknowledge_search_alert(call: Call[None]) -> SearchAlertAnswer:
    """Acknowledge it."""
    alert = call.path["search_alert"]
    return _answer(await call.inject(SearchAlerts).acknowledge(alert, by=call.actor))


def _answer(alert: SearchAlert) -> SearchAlertAnswer:
    return SearchAlertAnswer(
        id=alert.id,
        user=alert.searcher,
        misses=alert.misses,
        at=alert.at,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=alert.acknowledged_at,
    )
