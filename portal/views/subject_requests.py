"""Somebody asks what is held of them: HR takes it up, looks at it, and hands it over."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.subject_requests import SubjectRequestCalls
from portal.errors import CannotBeRead, NotFound
from portal.forms.fields import FieldError, by_field, identifier, summary
from portal.forms.subject_requests import SubjectForm, read_format
from portal.pages.subject_requests import kinds, records
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other, sent_as_file

PAGES = PageTable()
TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}


@PAGES.page("GET", "/subject-requests", permission=Permission.PERSONAL_DATA_EXPORT)
async def ask(visit: ActingVisit) -> Response:
    """Ask whose."""
    return _page(visit, SubjectForm.read(visit.draft), ())


@PAGES.page("POST", "/subject-requests", permission=Permission.PERSONAL_DATA_EXPORT)
async def take_up(visit: ActingVisit) -> Response:
    """Take it up."""
    form = SubjectForm.read(visit.form)
    if form.errors:
        return _page(visit, form, form.errors)
    try:
        made = await SubjectRequestCalls(visit.calls).take_up(form.kind, form.whose, key=visit.key())
    except (CannotBeRead, NotFound):
        return _page(visit, form, (FieldError("whose", "Nothing is known under this number or identifier"),))
    return see_other(f"/subject-requests/{made.id}")


@PAGES.page("GET", "/subject-requests/{request}", permission=Permission.PERSONAL_DATA_EXPORT)
async def subject_request(visit: ActingVisit) -> Response:
    """Everything that is held, to be looked at before it is handed over."""
    request = identifier(visit.request.path_params["request"])
    export = await SubjectRequestCalls(visit.calls).export(request)
    return visit.render("subject_request.html", records=records(export), acts=export.who_did_what)


@PAGES.page("GET", "/subject-requests/{request}/export", permission=Permission.PERSONAL_DATA_EXPORT)
async def export(visit: ActingVisit) -> Response:
    """The same as a file: for the person, or for machines."""
    request, form = (
        identifier(visit.request.path_params["request"]),
        read_format(visit.request.query_params),
    )
    chunks = SubjectRequestCalls(visit.calls).file(request, form)
    return await sent_as_file(chunks, f"personal-data-{request}.{form}", TYPES[form])


def _page(visit: ActingVisit, form: SubjectForm, errors: tuple[FieldError, ...]) -> Response:
    return visit.render(
        "subject_requests.html",
        status=422 if errors else 200,
        form=form,
        kinds=kinds(form.kind),
        errors=by_field(errors),
        summary=summary(errors),
    )
