"""The operator's pages: inviting organisations, calling them back, and deciding."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.applications import Application, ApplicationCalls, ApplicationId, Decision
from portal.errors import CannotBeRead, NotFound, Refused
from portal.forms.applications import (
    AT_FIELDS,
    NO_ORGANISATION,
    ApplicationFilter,
    CallBackForm,
    InviteForm,
    ReasonForm,
)
from portal.forms.fields import FieldError, by_field, of_agent, of_refusal, summary
from portal.pages.applications import CHOICES, application_list, evidence_lines, name_of, shown
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/applications", permission=Permission.APPLICATION_READ)
async def applications(visit: ActingVisit) -> Response:
    """One page of the list."""
    chosen = ApplicationFilter.read(visit.request.query_params)
    page = await ApplicationCalls(visit.calls).page(state=chosen.state, cursor=chosen.cursor)
    return visit.render("applications.html", live=True, list=application_list(page, chosen))


@PAGES.page("GET", "/applications/invitation", permission=Permission.APPLICATION_DECIDE)
async def ask_whom(visit: ActingVisit) -> Response:
    """Ask which organisation to invite."""
    return _invite(visit, InviteForm.read(visit.draft))


@PAGES.page("POST", "/applications/invitation", permission=Permission.APPLICATION_DECIDE)
async def invite(visit: ActingVisit) -> Response:
    """Make an invitation."""
    form = InviteForm.read(visit.form)
    if form.errors:
        return _invite(visit, form, form.errors)
    try:
        made = await ApplicationCalls(visit.calls).invite(form.ods, key=visit.key())
    except CannotBeRead as error:
        return _invite(visit, form, of_agent(error, {"ods_code": NO_ORGANISATION}))
    except Refused as refused:
        return _invite(visit, form, of_refusal(refused))
    return see_other(f"/applications/{made.id}?done=invitation")


@PAGES.page("GET", "/applications/{application}", permission=Permission.APPLICATION_READ)
async def application(visit: ActingVisit) -> Response:
    """One of them, with its link while somebody can take it up."""
    calls, found = ApplicationCalls(visit.calls), await _application(visit)
    done = visit.request.query_params.get("done")
    return visit.render(
        "application.html",
        live=True,
        shown=shown(found, done),
        evidence=evidence_lines(await calls.evidence(found.id)),
        link=await _link(visit, calls, found),
    )


@PAGES.page("GET", "/applications/{application}/call-back", permission=Permission.APPLICATION_DECIDE)
async def ask_call_back(visit: ActingVisit) -> Response:
    """Ask what was heard."""
    return await _call_back(visit, CallBackForm.read(visit.draft))


@PAGES.page("POST", "/applications/{application}/call-back", permission=Permission.APPLICATION_DECIDE)
async def call_back(visit: ActingVisit) -> Response:
    """Record it."""
    form, found = CallBackForm.read(visit.form), await _application(visit)
    if form.errors:
        return await _call_back(visit, form, form.errors)
    try:
        await ApplicationCalls(visit.calls).call_back(found.id, form.said, key=visit.key())
    except CannotBeRead as error:
        return await _call_back(visit, form, of_agent(error, AT_FIELDS))
    except Refused as refused:
        return await _call_back(visit, form, of_refusal(refused))
    return see_other(f"/applications/{found.id}?done=call-back")


@PAGES.page("GET", "/applications/{application}/{decision}", permission=Permission.APPLICATION_DECIDE)
async def ask_decision(visit: ActingVisit) -> Response:
    """Say what it means, and ask whether to do it."""
    return await _decision_page(visit, ReasonForm.read(visit.draft))


@PAGES.page("POST", "/applications/{application}/{decision}", permission=Permission.APPLICATION_DECIDE)
async def decide(visit: ActingVisit) -> Response:
    """Do it."""
    form, decision, found = ReasonForm.read(visit.form), _decision(visit), await _application(visit)
    reason = form.reason if CHOICES[decision].asks_why else None
    if reason is not None and form.errors:
        return await _decision_page(visit, form, form.errors)
    try:
        await ApplicationCalls(visit.calls).decide(decision, found.id, reason, key=visit.key())
    except Refused as refused:
        return await _decision_page(visit, form, of_refusal(refused))
    return see_other(f"/applications/{found.id}?done={decision}")


async def _application(visit: ActingVisit) -> Application:
    identifier = ApplicationId(visit.request.path_params["application"])
    return await ApplicationCalls(visit.calls).application(identifier)


async def _link(visit: ActingVisit, calls: ApplicationCalls, found: Application) -> str | None:
    """For those who may invite."""
    if Permission.APPLICATION_DECIDE not in visit.permissions:
        return None
    try:
        return (await calls.invitation(found.id)).url
    except NotFound:
        return None


def _decision(visit: ActingVisit) -> Decision:
    said = visit.request.path_params["decision"]
    if said not in set(Decision):
        raise NotFound("no_such_decision")
    return Decision(said)


def _invite(visit: ActingVisit, form: InviteForm, errors: tuple[FieldError, ...] = ()) -> Response:
    return visit.render(
        "application_invitation.html",
        status=422 if errors else 200,
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _call_back(visit: ActingVisit, form: CallBackForm, errors: tuple[FieldError, ...] = ()) -> Response:
    found = await _application(visit)
    return visit.render(
        "application_call_back.html",
        status=422 if errors else 200,
        application=found,
        name=name_of(found),
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _decision_page(
    visit: ActingVisit, form: ReasonForm, errors: tuple[FieldError, ...] = ()
) -> Response:
    choice, found = CHOICES[_decision(visit)], await _application(visit)
    return visit.render(
        "application_decision.html",
        status=422 if errors else 200,
        application=found,
        name=name_of(found),
        choice=choice,
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )
