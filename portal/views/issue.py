"""From the name of a member of staff to their passport's invitation."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.esr import EsrCalls
from portal.agent_client.passports import PassportCalls
from portal.errors import CannotBeRead, NotFound, PageError, Refused, TooOften, Unavailable
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.issue import AT_FIELDS, AssignmentForm, SearchForm
from portal.pages.errors import at_the_form, status_of
from portal.pages.issue import check_page, match_page, waiting_page
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()
UNPROCESSABLE = 422


@PAGES.page("GET", "/issue", permission=Permission.ESR_SEARCH)
async def ask(visit: ActingVisit) -> Response:
    """Ask who it is."""
    return _form(visit, SearchForm.read(visit.draft))


@PAGES.page("POST", "/issue", permission=Permission.ESR_SEARCH)
async def search(visit: ActingVisit) -> Response:
    """Search ESR, and show the one person."""
    form = SearchForm.read(visit.form)
    if form.errors:
        return _form(visit, form, form.errors)
    try:
        match = await EsrCalls(visit.calls).search(form.said, key=visit.key())
    except (CannotBeRead, NotFound, Refused, TooOften, Unavailable) as error:
        return _form(visit, form, at_the_form(error, AT_FIELDS), error=error)
    return await visit.go_on(f"/issue/{match.search}", form.typed)


@PAGES.page("GET", "/issue/{search:uuid}", permission=Permission.ESR_SEARCH)
async def match(visit: ActingVisit) -> Response:
    """Show who was found, or that somebody else has to say so first."""
    chosen = AssignmentForm.read(visit.draft)
    return await _match(visit, chosen)


@PAGES.page("POST", "/issue/{search:uuid}", permission=Permission.ESR_SEARCH)
async def choose(visit: ActingVisit) -> Response:
    """Go on with the assignment that was chosen."""
    chosen = AssignmentForm.read(visit.form)
    if chosen.errors:
        return await _match(visit, chosen, chosen.errors)
    return await visit.go_on(f"{_path(visit)}/check", chosen.handed_on)


@PAGES.page("GET", "/issue/{search:uuid}/check", permission=Permission.PASSPORT_CREATE)
async def check(visit: ActingVisit) -> Response:
    """Show what would be in the passport, before anybody is invited."""
    return await _check(visit, AssignmentForm.read(visit.draft))


@PAGES.page("POST", "/issue/{search:uuid}/check", permission=Permission.PASSPORT_CREATE)
async def create(visit: ActingVisit) -> Response:
    """Make the passport; what to do next is on its own page."""
    chosen = AssignmentForm.read(visit.form)
    try:
        made = await PassportCalls(visit.calls).create(_search(visit), chosen.assignment, key=visit.key())
    except Refused as error:
        return await _check(visit, chosen, at_the_form(error))
    except NotFound as error:
        return _ended(visit, error)
    return see_other(f"/passports/{made.id}")


async def _match(visit: ActingVisit, chosen: AssignmentForm, errors: tuple[FieldError, ...] = ()) -> Response:
    try:
        found = await EsrCalls(visit.calls).found(_search(visit))
    except NotFound as error:
        return _ended(visit, error)
    if found.person is None:
        return visit.render("issue_waiting.html", live=True, page=waiting_page(found, chosen.typed))
    return visit.render(
        "issue_match.html",
        status=UNPROCESSABLE if errors else 200,
        page=match_page(found, found.person, chosen.typed),
        chosen=chosen,
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _check(visit: ActingVisit, chosen: AssignmentForm, errors: tuple[FieldError, ...] = ()) -> Response:
    if not chosen.assignment:
        return see_other(_path(visit))
    search = _search(visit)
    try:
        found, preview = await asyncio.gather(
            EsrCalls(visit.calls).found(search),
            PassportCalls(visit.calls).preview(search, chosen.assignment),
        )
    except NotFound as error:
        return _ended(visit, error)
    assignment = next((each for each in found.assignments if each.number == chosen.assignment), None)
    if found.person is None or assignment is None:
        return see_other(_path(visit))
    return visit.render(
        "issue_check.html",
        status=UNPROCESSABLE if errors else 200,
        page=check_page(found, found.person, assignment, preview),
        chosen=chosen,
        back=_path(visit),
        summary=summary(errors),
    )


def _form(
    visit: ActingVisit,
    form: SearchForm,
    errors: tuple[FieldError, ...] = (),
    *,
    error: PageError | None = None,
) -> Response:
    status = UNPROCESSABLE if errors else 200
    return visit.render(
        "issue.html",
        status=status if error is None else status_of(error),
        form=form,
        unavailable=isinstance(error, Unavailable),
        errors=by_field(errors),
        summary=summary(errors),
    )


def _ended(visit: ActingVisit, error: NotFound) -> Response:
    return visit.render("issue_ended.html", status=error.status)


def _search(visit: ActingVisit) -> str:
    return str(visit.request.path_params["search"])


def _path(visit: ActingVisit) -> str:
    return f"/issue/{_search(visit)}"
