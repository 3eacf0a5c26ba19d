"""The second person, who says whether somebody is the person whom another searched for."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.esr import EsrCalls
from portal.errors import Refused
from portal.forms.fields import FieldError, by_field, read_cursor, summary
from portal.forms.weak_matches import DecisionForm
from portal.pages.errors import at_the_form
from portal.pages.weak_matches import waiting_list, weak_match_page
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()
ONE = "/weak-matches/{search:uuid}"
DECIDE = Permission.WEAK_MATCH_DECIDE


@PAGES.page("GET", "/weak-matches", permission=DECIDE)
async def weak_matches(visit: ActingVisit) -> Response:
    """Those that wait."""
    cursor = read_cursor(visit.request.query_params)
    found = waiting_list(await EsrCalls(visit.calls).waiting(cursor=cursor), cursor)
    return visit.render("weak_matches.html", live=True, list=found, own=visit.session.email)


@PAGES.page("GET", ONE, permission=DECIDE)
async def weak_match(visit: ActingVisit) -> Response:
    """One of them, decided or not."""
    return await _show(visit, DecisionForm.read(visit.draft))


@PAGES.page("POST", ONE, permission=DECIDE)
async def decide(visit: ActingVisit) -> Response:
    """Say whether it is the person."""
    form = DecisionForm.read(visit.form)
    if form.is_the_person is None:
        return await _show(visit, form, form.errors)
    try:
        await EsrCalls(visit.calls).decide(_search(visit), is_the_person=form.is_the_person, key=visit.key())
    except Refused as error:
        return await _show(visit, form, at_the_form(error))
    return see_other(f"/weak-matches/{_search(visit)}")


async def _show(visit: ActingVisit, form: DecisionForm, errors: tuple[FieldError, ...] = ()) -> Response:
    match = await EsrCalls(visit.calls).weak_match(_search(visit))
    return visit.render(
        "weak_match.html",
        status=422 if errors else 200,
        page=weak_match_page(match, visit.session.email),
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )


def _search(visit: ActingVisit) -> str:
    return str(visit.request.path_params["search"])
