"""Registering an organisation, step by step."""

import asyncio
from collections.abc import Awaitable

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.registration import RegistrationCalls
from portal.agent_client.terms import TermsCalls
from portal.errors import CannotBeRead, Refused
from portal.forms.fields import FieldError, by_field, of_agent, of_refusal, summary
from portal.forms.registration import AT_FIELDS, NO_INVITATION, DetailsForm, InvitationForm
from portal.pages.registration import answers, region_items, task_list
from portal.pages.terms import capacity_items
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/registration", permission=Permission.ORGANISATION_READ)
async def steps(visit: ActingVisit) -> Response:
    """Every step, and what is missing."""
    registration, terms = await asyncio.gather(
        RegistrationCalls(visit.calls).registration(), TermsCalls(visit.calls).overview()
    )
    done = visit.request.query_params.get("done")
    steps = task_list(registration, terms, visit.permissions, done)
    return visit.render("registration.html", live=True, list=steps)


@PAGES.page("GET", "/registration/details", permission=Permission.ORGANISATION_REGISTER)
async def ask_details(visit: ActingVisit) -> Response:
    """Ask who the organisation is."""
    if visit.draft:
        return await _details(visit, DetailsForm.read(visit.draft))
    calls = RegistrationCalls(visit.calls)
    own, registration = await asyncio.gather(calls.organisation(), calls.registration())
    return await _details(visit, DetailsForm.of(own, registration))


@PAGES.page("POST", "/registration/details", permission=Permission.ORGANISATION_REGISTER)
async def describe(visit: ActingVisit) -> Response:
    """Keep what is said."""
    form, calls = DetailsForm.read(visit.form), RegistrationCalls(visit.calls)
    if form.errors:
        return await _details(visit, form, form.errors)
    try:
        await calls.describe(form.body(await calls.organisation()), key=visit.key())
    except CannotBeRead as error:
        return await _details(visit, form, of_agent(error, AT_FIELDS))
    except Refused as refused:
        return await _details(visit, form, of_refusal(refused))
    return _done("details")


@PAGES.page("GET", "/registration/email", permission=Permission.ORGANISATION_REGISTER)
async def ask_email(visit: ActingVisit) -> Response:
    """Ask whether to send the link."""
    return await _step(visit, "registration_email.html")


@PAGES.page("POST", "/registration/email", permission=Permission.ORGANISATION_REGISTER)
async def send_proof(visit: ActingVisit) -> Response:
    """Have the link sent."""
    act = RegistrationCalls(visit.calls).ask_for_email_proof(key=visit.key())
    return await _do(visit, act, "registration_email.html", "email-proof")


@PAGES.page("GET", "/registration/operator", permission=Permission.ORGANISATION_REGISTER)
async def ask_invitation(visit: ActingVisit) -> Response:
    """Ask for the operator's link."""
    return _invitation(visit, InvitationForm.read(visit.draft))


@PAGES.page("POST", "/registration/operator", permission=Permission.ORGANISATION_REGISTER)
async def connect(visit: ActingVisit) -> Response:
    """Take up the link."""
    form = InvitationForm.read(visit.form)
    if form.errors:
        return _invitation(visit, form, form.errors)
    try:
        await RegistrationCalls(visit.calls).connect(form.invitation, key=visit.key())
    except CannotBeRead as error:
        told = tuple(FieldError("invitation", each) for each in error.sentences)
        return _invitation(visit, form, told or (NO_INVITATION,))
    except Refused as refused:
        return _invitation(visit, form, of_refusal(refused))
    return _done("operator")


@PAGES.page("GET", "/registration/submission", permission=Permission.ORGANISATION_REGISTER)
async def check(visit: ActingVisit) -> Response:
    """Show all that was said."""
    return await _step(visit, "registration_submission.html")


@PAGES.page("POST", "/registration/submission", permission=Permission.ORGANISATION_REGISTER)
async def submit(visit: ActingVisit) -> Response:
    """Send it to the operator."""
    act = RegistrationCalls(visit.calls).submit(key=visit.key())
    return await _do(visit, act, "registration_submission.html", "submission")


@PAGES.page("GET", "/registration/activation", permission=Permission.ORGANISATION_ACTIVATE)
async def ask_to_activate(visit: ActingVisit) -> Response:
    """Say what it means to activate."""
    return await _step(visit, "registration_activation.html")


@PAGES.page("POST", "/registration/activation", permission=Permission.ORGANISATION_ACTIVATE)
async def activate(visit: ActingVisit) -> Response:
    """Begin to act."""
    act = RegistrationCalls(visit.calls).activate(key=visit.key())
    return await _do(visit, act, "registration_activation.html", "activation")


async def _do(visit: ActingVisit, act: Awaitable[object], template: str, step: str) -> Response:
    """Take a step that has nothing to type; where a rule says no, its page says why."""
    try:
        await act
    except Refused as refused:
        return await _step(visit, template, of_refusal(refused))
    return _done(step)


def _done(step: str) -> Response:
    return see_other(f"/registration?done={step}")


async def _details(visit: ActingVisit, form: DetailsForm, errors: tuple[FieldError, ...] = ()) -> Response:
    own = await RegistrationCalls(visit.calls).organisation()
    return visit.render(
        "registration_details.html",
        status=422 if errors else 200,
        own=own,
        said=form.said,
        regions=region_items(form.said.get("region", "")),
        capacities=capacity_items(form.said.get("capacity", "")),
        errors=by_field(errors),
        summary=summary(errors),
    )


async def _step(visit: ActingVisit, template: str, errors: tuple[FieldError, ...] = ()) -> Response:
    registration = await RegistrationCalls(visit.calls).registration()
    return visit.render(
        template,
        status=422 if errors else 200,
        registration=registration,
        answers=answers(registration),
        summary=summary(errors),
    )


def _invitation(visit: ActingVisit, form: InvitationForm, errors: tuple[FieldError, ...] = ()) -> Response:
    return visit.render(
        "registration_operator.html",
        status=422 if errors else 200,
        form=form,
        errors=by_field(errors),
        summary=summary(errors),
    )
