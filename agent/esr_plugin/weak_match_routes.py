"""Deciding, as the second person, whether a weak match is the person; over HTTP."""

from datetime import date, datetime

from agent.domain.actors import Permission
from agent.domain.ports.staff_records import SearchId, SearchState
from agent.esr_plugin.answers import FieldAnswer, field_answers
from agent.esr_plugin.searches import RememberedSearch
from agent.esr_plugin.weak_matches import WeakMatches
from agent.paging import LIMIT, cursor, limit, position
from agent.routing import Answer, Call, RouteTable

WEAK_MATCH_ROUTES = RouteTable("esr_plugin")


class WeakMatchAnswer(Answer):
    """What was keyed, while it waits, and whether ESR agrees; never what ESR says."""

    search: str
    state: SearchState
    searched_by: str
    searched_at: datetime
    expires_at: datetime
    surname: str | None
    forenames: str | None
    date_of_birth: date | None
    fields: tuple[FieldAnswer, ...]
    decided_by: str | None
    decided_at: datetime | None


class WaitingAnswer(Answer):
    """That one waits; of whom it is, its own page says."""

    search: str
    searched_by: str
    searched_at: datetime
    expires_at: datetime


class WeakMatchesAnswer(Answer):
    """A page of those that wait, the oldest first; pass `next` as `cursor` to go on."""

    weak_matches: tuple[WaitingAnswer, ...]
    next: str | None


@WEAK_MATCH_ROUTES.get(
    "/esr/weak-matches",
    permission=Permission.WEAK_MATCH_DECIDE,
    summary="Matches that wait for a second person, the oldest first",
    answer=WeakMatchesAnswer,
    query=LIMIT,
)
async def weak_matches(call: Call[None]) -> WeakMatchesAnswer:
    """List them, one's own too."""
    most = limit(call.query)
    waiting = await call.inject(WeakMatches).awaiting(after=position(call.query), limit=most)
    following = cursor((waiting[-1].at, waiting[-1].id)) if len(waiting) == most else None
    return WeakMatchesAnswer(weak_matches=tuple(map(_waiting, waiting)), next=following)


@WEAK_MATCH_ROUTES.get(
    "/esr/weak-matches/{search}",
    permission=Permission.WEAK_MATCH_DECIDE,
    summary="One of them: what was keyed, and which fields agree with ESR",
    answer=WeakMatchAnswer,
)
async def weak_match(call: Call[None]) -> WeakMatchAnswer:
    """Tell of one."""
    return _answer(await call.inject(WeakMatches).get(SearchId(call.path["search"]), by=call.actor))


@WEAK_MATCH_ROUTES.post(
    "/esr/weak-matches/{search}/confirmation",
    permission=Permission.WEAK_MATCH_DECIDE,
    summary="It is the person: whoever searched is shown them from now on. Not by whoever searched",
    answer=WeakMatchAnswer,
)
async def confirm_weak_match(call: Call[None]) -> WeakMatchAnswer:
    """Confirm it."""
    search = SearchId(call.path["search"])
    return _answer(await call.inject(WeakMatches).confirm(search, by=call.actor))


@WEAK_MATCH_ROUTES.post(
    "/esr/weak-matches/{search}/refusal",
    permission=Permission.WEAK_MATCH_DECIDE,
    summary="It is not the person, or nobody can tell",
    answer=WeakMatchAnswer,
)
async def refuse_weak_match(call: Call[None]) -> WeakMatchAnswer:
    """Refuse it."""
    search = SearchId(call.path["search"])
    return _answer(await call.inject(WeakMatches).refuse(search, by=call.actor))


def _waiting(found: RememberedSearch) -> WaitingAnswer:
    return WaitingAnswer(
        search=found.id, searched_by=found.searcher, searched_at=found.at, expires_at=found.expires_at
    )


def _answer(found: RememberedSearch) -> WeakMatchAnswer:
    keyed, decision = found.keyed, found.decision
    return WeakMatchAnswer(
        search=found.id,
        state=found.state,
        searched_by=found.searcher,
        searched_at=found.at,
        expires_at=found.expires_at,
        surname=keyed and keyed.surname,
        forenames=keyed and keyed.forenames,
        date_of_birth=keyed and keyed.date_of_birth,
        fields=field_answers(found.fields),
        decided_by=decision and decision.by,
        decided_at=decision and decision.at,
    )
