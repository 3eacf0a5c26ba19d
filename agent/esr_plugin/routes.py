"""Searching ESR, for one person or for the rows of a batch, over HTTP."""

from datetime import date

from aiohttp import web

from agent.domain.actors import Permission
from agent.domain.clock import london_day, utc_now
from agent.domain.errors import LimitReached, Refused, StaffPassportError, Unavailable
from agent.domain.ports.staff_records import Match, SearchId, StaffRecords, StaffRecordsBatch
from agent.esr_plugin.answers import MatchAnswer, RefusalAnswer, match_answer, refusal_answer
from agent.esr_plugin.feed_routes import FEED_ROUTES
from agent.esr_plugin.requests import BatchBody, SearchBody, criteria, row_criteria
from agent.esr_plugin.search_alert_routes import SEARCH_ALERT_ROUTES
from agent.esr_plugin.weak_match_routes import WEAK_MATCH_ROUTES
from agent.routing import Answer, Call, RouteTable

ROUTES = RouteTable("esr_plugin")


class RowAnswer(Answer):
    """What came of one row: a match, or why there is none."""

    row: int
    match: MatchAnswer | None
    code: str | None
    sentence: str | None
    refusals: tuple[RefusalAnswer, ...]


class BatchAnswer(Answer):
    """What came of each row, in their order."""

    rows: tuple[RowAnswer, ...]


@ROUTES.post(
    "/esr/searches",
    permission=Permission.ESR_SEARCH,
    summary="Find one person in the organisation's own ESR",
    body=SearchBody,
    answer=MatchAnswer,
)
async def search(call: Call[SearchBody]) -> MatchAnswer:
    """Search as the actor; the gate, the match and the record of it are the service's."""
    today = london_day(utc_now())
    sought = criteria(call.body, today=today)
    match = await call.inject(StaffRecords).search(sought, by=call.actor)
    return match_answer(match, today)


@ROUTES.get(
    "/esr/searches/{search}",
    permission=Permission.ESR_SEARCH,
    summary="One's own search, its person read from ESR anew; a weak one once it was confirmed",
    answer=MatchAnswer,
)
async def own_search(call: Call[None]) -> MatchAnswer:
    """Tell where it stands, and of the person if they may be shown."""
    match = await call.inject(StaffRecords).found(SearchId(call.path["search"]), by=call.actor)
    return match_answer(match, london_day(utc_now()))


@ROUTES.post(
    "/esr/search-batches",
    permission=Permission.ESR_SEARCH,
    summary="Find up to 25 people, each by a number that the row brings; the gate is asked once for all",
    body=BatchBody,
    answer=BatchAnswer,
)
async def search_batch(call: Call[BatchBody]) -> BatchAnswer:
    """Search row by row: what keeps one from being found keeps no other."""
    today = london_day(utc_now())
    rows, stopped = list[RowAnswer](), None
    async with call.inject(StaffRecords).batch(by=call.actor) as batch:
        for at, body in enumerate(call.body.rows):
            try:
                rows.append(_found(at, await _search_row(batch, body, today, stopped), today))
            except StaffPassportError as error:
                stopped = error if isinstance(error, _STOPS) else None
                rows.append(_not_found(at, error))
    return BatchAnswer(rows=tuple(rows))


_STOPS = (Unavailable, LimitReached)
"""After one of these the rows that are left would fare no better, and are not tried."""


async def _search_row(
    batch: StaffRecordsBatch, body: SearchBody, today: date, stopped: StaffPassportError | None
) -> Match:
    if stopped is not None:
        raise stopped
    return await batch.search(row_criteria(body, today=today))


def _found(row: int, match: Match, today: date) -> RowAnswer:
    return RowAnswer(row=row, match=match_answer(match, today), code=None, sentence=None, refusals=())


def _not_found(row: int, error: StaffPassportError) -> RowAnswer:
    refusals = error.refusals if isinstance(error, Refused) else ()
    return RowAnswer(
        row=row,
        match=None,
        code=error.code,
        sentence=error.sentence,
        refusals=tuple(map(refusal_answer, refusals)),
    )


ROUTES.include(WEAK_MATCH_ROUTES)
ROUTES.include(SEARCH_ALERT_ROUTES)
ROUTES.include(FEED_ROUTES)


async def register(app: web.Application) -> None:
    """Serve the routes."""
    ROUTES.register(app)
