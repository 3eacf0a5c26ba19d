"""Taking back a passport, or one credential; and letting one not count for a while."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import CredentialCalls, PassportCalls
from portal.errors import NotFound, Refused, Unavailable
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.revocation import ReasonForm
from portal.pages.errors import at_the_form, status_of
from portal.pages.passport import CredentialLine, PassportPart
from portal.pages.revocation import TakingBack, ending, reasons, reinstatement, revocation, suspension
from portal.permissions import PageTable
from portal.views.passport import address, as_it_stands, identifier, standing
from portal.visits import ActingVisit, see_other

PAGES = PageTable()
UNPROCESSABLE = 422
REVOKE = Permission.CREDENTIAL_REVOKE
END = "/passports/{passport:uuid}/end"
CREDENTIAL = "/passports/{passport:uuid}/credentials/{credential:uuid}"


@PAGES.page("GET", END, permission=REVOKE)
async def ask_to_end(visit: ActingVisit) -> Response:
    """Say what ending the passport does, and ask why."""
    passport = await standing(visit)
    if passport.ended:
        return see_other(address(visit))
    return _ask(visit, passport, ending(passport), ReasonForm.read(visit.draft))


@PAGES.page("POST", END, permission=REVOKE)
async def end(visit: ActingVisit) -> Response:
    """End it."""
    form = ReasonForm.read(visit.form)
    if form.reason is None:
        passport = await standing(visit)
        return _ask(visit, passport, ending(passport), form, form.errors)
    ended = PassportCalls(visit.calls).end(identifier(visit), form.reason, key=visit.key())
    return await _done(visit, ended)


@PAGES.page("GET", f"{CREDENTIAL}/revocation", permission=REVOKE)
async def ask_to_revoke(visit: ActingVisit) -> Response:
    """Say what revoking does, and ask why."""
    return await _ask_of_one(visit, revocation, ReasonForm.read(visit.draft))


@PAGES.page("POST", f"{CREDENTIAL}/revocation", permission=REVOKE)
async def revoke(visit: ActingVisit) -> Response:
    """Revoke one credential."""
    form = ReasonForm.read(visit.form)
    if form.reason is None:
        return await _ask_of_one(visit, revocation, form, form.errors)
    credential = (await _of_address(visit))[1]
    return await _done(
        visit, CredentialCalls(visit.calls).revoke(credential.id, form.reason, key=visit.key())
    )


@PAGES.page("GET", f"{CREDENTIAL}/suspension", permission=REVOKE)
async def ask_to_suspend(visit: ActingVisit) -> Response:
    """Say what suspending does."""
    return await _ask_of_one(visit, suspension, ReasonForm(None))


@PAGES.page("POST", f"{CREDENTIAL}/suspension", permission=REVOKE)
async def suspend(visit: ActingVisit) -> Response:
    """Have one credential not count."""
    credential = (await _of_address(visit))[1]
    return await _done(visit, CredentialCalls(visit.calls).suspend(credential.id, key=visit.key()))


@PAGES.page("GET", f"{CREDENTIAL}/reinstatement", permission=REVOKE)
async def ask_to_reinstate(visit: ActingVisit) -> Response:
    """Say what reinstating does."""
    return await _ask_of_one(visit, reinstatement, ReasonForm(None))


@PAGES.page("POST", f"{CREDENTIAL}/reinstatement", permission=REVOKE)
async def reinstate(visit: ActingVisit) -> Response:
    """Have it count again."""
    credential = (await _of_address(visit))[1]
    return await _done(visit, CredentialCalls(visit.calls).reinstate(credential.id, key=visit.key()))


async def _done(visit: ActingVisit, act: Awaitable[object]) -> Response:
    """Do it. What was refused, or is decided and not yet published, stands on the passport's page."""
    try:
        await act
    except (Refused, Unavailable) as error:
        return await as_it_stands(visit, at_the_form(error), status=status_of(error))
    return see_other(address(visit))


async def _ask_of_one(
    visit: ActingVisit,
    said: Callable[[CredentialLine], TakingBack],
    form: ReasonForm,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    passport, credential = await _of_address(visit)
    if not credential.acts:
        return see_other(address(visit))
    return _ask(visit, passport, said(credential), form, errors)


async def _of_address(visit: ActingVisit) -> tuple[PassportPart, CredentialLine]:
    """The passport's own credential that the address names. Raises `NotFound`."""
    passport = await standing(visit)
    credential = passport.credential(str(visit.request.path_params["credential"]))
    if credential is None:
        raise NotFound("credential_not_of_passport")
    return passport, credential


def _ask(
    visit: ActingVisit,
    passport: PassportPart,
    taking_back: TakingBack,
    form: ReasonForm,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    return visit.render(
        "revocation.html",
        status=UNPROCESSABLE if errors else 200,
        passport=passport,
        page=taking_back,
        reasons=reasons(form.reason),
        address=address(visit),
        errors=by_field(errors),
        summary=summary(errors),
    )
