"""Who did what: searched, taken away to be checked, and of one thing."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.audit import AuditCalls, EntryPage
from portal.forms.audit import AuditSearch, read_after, read_format, read_length
from portal.forms.fields import by_field, identifier, summary
from portal.pages.audit import act_list, audit_list, outcome
from portal.permissions import PageTable
from portal.visits import ActingVisit, sent_as_file

PAGES = PageTable()
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@PAGES.page("GET", "/audit", permission=Permission.AUDIT_READ, reads=True)
async def audit(visit: ActingVisit) -> Response:
    """One page of what was looked for."""
    search, calls = AuditSearch.read(visit.request.query_params), AuditCalls(visit.calls)
    errors = search.errors
    page, state, known = await asyncio.gather(_found(calls, search), calls.state(), calls.actions())
    return visit.render(
        "audit.html",
        status=422 if errors else 200,
        list=audit_list(page, state, search, known.actions),
        outcome=outcome,
        errors=by_field(errors),
        summary=summary(errors),
    )


@PAGES.page("GET", "/audit/export", permission=Permission.AUDIT_EXPORT)
async def export(visit: ActingVisit) -> Response:
    """The chain as a file."""
    query = visit.request.query_params
    form, search = read_format(query), AuditSearch.read(query)
    chunks = AuditCalls(visit.calls).export(format=form, until=read_length(query), **search.wanted)
    name = f"audit-{visit.session.organisation}.{form}"
    return await sent_as_file(chunks, name, TYPES[form])


@PAGES.page("GET", "/passports/{passport}/acts", permission=Permission.AUDIT_READ, reads=True)
async def acts_on_passport(visit: ActingVisit) -> Response:
    """Who saw a passport, and who did what with it."""
    return await _acts(visit, "passport", visit.request.path_params["passport"])


@PAGES.page("GET", "/reviews/{review}/acts", permission=Permission.AUDIT_READ, reads=True)
async def acts_on_review(visit: ActingVisit) -> Response:
    """Who saw a review, and who did what with it."""
    return await _acts(visit, "review", visit.request.path_params["review"])


async def _found(calls: AuditCalls, search: AuditSearch) -> EntryPage:
    """Nothing, of what cannot be looked for."""
    if search.errors:
        return EntryPage(entries=())
    return await calls.entries(after=search.after, **search.wanted)


async def _acts(visit: ActingVisit, kind: str, thing: str) -> Response:
    after = read_after(visit.request.query_params)
    found = await AuditCalls(visit.calls).acts(identifier(thing), after=after)
    shown = act_list(found, visit.request.url.path, after)
    return visit.render("audit_acts.html", kind=kind, thing=thing, list=shown, outcome=outcome)
