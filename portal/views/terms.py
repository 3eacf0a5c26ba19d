"""Reading the terms, and accepting them for the organisation."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.terms import Acceptance, TermsCalls, TermsKind, TermsText
from portal.errors import CannotBeRead, NotFound, Refused
from portal.forms.fields import FieldError, by_field, of_agent, of_refusal, summary
from portal.forms.terms import AT_FIELDS, CHANGED, AcceptanceForm
from portal.pages.terms import acceptance_lines, capacity_items, lines, reading
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/terms", permission=Permission.ORGANISATION_READ)
async def both(visit: ActingVisit) -> Response:
    """How the organisation stands with both sets."""
    overview = await TermsCalls(visit.calls).overview()
    done = visit.request.query_params.get("done") in set(TermsKind)
    return visit.render(
        "terms.html", lines=lines(overview), acceptances=acceptance_lines(overview), accepted=done
    )


@PAGES.page("GET", "/terms/{kind}", permission=Permission.ORGANISATION_READ)
async def read(visit: ActingVisit) -> Response:
    """The text that counts now, and what is different since one was accepted."""
    return await _page(visit, AcceptanceForm.read(visit.draft))


@PAGES.page("POST", "/terms/{kind}", permission=Permission.TERMS_ACCEPT)
async def accept(visit: ActingVisit) -> Response:
    """Bind the organisation."""
    form, kind = AcceptanceForm.read(visit.form), _kind(visit)
    if form.errors:
        return await _page(visit, form, form.errors)
    try:
        await TermsCalls(visit.calls).accept(kind, form.said, key=visit.key())
    except CannotBeRead as error:
        return await _page(visit, form, of_agent(error, AT_FIELDS))
    except Refused as refused:
        return await _page(visit, form, _told(refused))
    return see_other(f"/terms?done={kind}")


def _kind(visit: ActingVisit) -> TermsKind:
    said = visit.request.path_params["kind"]
    if said not in set(TermsKind):
        raise NotFound("no_such_terms")
    return TermsKind(said)


async def _page(visit: ActingVisit, form: AcceptanceForm, errors: tuple[FieldError, ...] = ()) -> Response:
    kind, calls = _kind(visit), TermsCalls(visit.calls)
    text = await calls.current(kind)
    since = (await calls.overview()).newest(kind)
    accepted = since is not None and since.digest == text.digest
    before = None if since is None or accepted else await _before(calls, since)
    return visit.render(
        "terms_text.html",
        status=422 if errors else 200,
        reading=reading(text, None if accepted else since, before),
        accepted=since if accepted else None,
        form=form,
        capacities=capacity_items(form.capacity),
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _before(calls: TermsCalls, since: Acceptance) -> TermsText | None:
    """The text that was accepted; None when it is not there any more, or was edited."""
    try:
        found = await calls.version(since.terms, since.version)
    except NotFound:
        return None
    return found if found.digest == since.digest else None


def _told(refused: Refused) -> tuple[FieldError, ...]:
    return (CHANGED,) if refused.code == "terms_changed" else of_refusal(refused)
