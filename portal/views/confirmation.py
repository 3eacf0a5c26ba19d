"""Proving that the wallet which answered is the person's."""

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.errors import CannotBeRead, Refused
from portal.forms.confirmation import CodeForm
from portal.forms.fields import FieldError, by_field, summary
from portal.pages.confirmation import TOLD, UNTIL, shown_code, tries_left
from portal.pages.errors import at_the_form
from portal.pages.passport import PassportPart
from portal.permissions import PageTable
from portal.views.passport import address, as_it_stands, identifier, standing
from portal.visits import ActingVisit, see_other

PAGES = PageTable()
UNPROCESSABLE = 422
COMPARED = "/passports/{passport:uuid}/confirmation"
ONE_TIME = "/passports/{passport:uuid}/one-time-code"


@PAGES.page("GET", COMPARED, permission=Permission.PASSPORT_CONFIRM)
async def ask(visit: ActingVisit) -> Response:
    """Ask for the code that the person reads out."""
    return _ask(visit, await standing(visit))


@PAGES.page("POST", COMPARED, permission=Permission.PASSPORT_CONFIRM)
async def compare(visit: ActingVisit) -> Response:
    """Confirm, if it is the code that the person's wallet shows."""
    form = CodeForm.read(visit.form)
    if form.errors:
        return _ask(visit, await standing(visit), form.errors)
    try:
        await PassportCalls(visit.calls).compare_code(identifier(visit), form.code, key=visit.key())
    except CannotBeRead as error:
        return _ask(visit, await standing(visit), at_the_form(error, {"code": "code"}))
    except Refused as error:
        return await _refused(visit, error)
    return see_other(address(visit))


@PAGES.page("GET", ONE_TIME, permission=Permission.PASSPORT_CONFIRM)
async def one_time_code(visit: ActingVisit) -> Response:
    """Show the code that was just made, or offer to make one."""
    passport = await standing(visit)
    if not passport.awaits_confirmation:
        return see_other(address(visit))
    return visit.render(
        "one_time_code.html",
        passport=passport,
        code=shown_code(visit.draft),
        address=address(visit),
        live=True,
    )


@PAGES.page("POST", ONE_TIME, permission=Permission.PASSPORT_CONFIRM)
async def make_one_time_code(visit: ActingVisit) -> Response:
    """Make a code, in place of any earlier one."""
    try:
        made = await PassportCalls(visit.calls).one_time_code(identifier(visit), key=visit.key())
    except Refused as error:
        return await _refused(visit, error)
    handed_on = {TOLD: made.code, UNTIL: made.expires_at.isoformat()}
    return await visit.go_on(visit.request.url.path, handed_on)


async def _refused(visit: ActingVisit, error: Refused) -> Response:
    """A wrong code is asked for again; whatever else was in the way, the passport's page says."""
    passport = await standing(visit)
    if passport.awaits_confirmation:
        return _ask(visit, passport, tuple(FieldError("code", each) for each in error.sentences))
    if passport.ended:
        return await as_it_stands(visit, at_the_form(error), status=UNPROCESSABLE)
    return see_other(address(visit))


def _ask(visit: ActingVisit, passport: PassportPart, errors: tuple[FieldError, ...] = ()) -> Response:
    if not passport.awaits_confirmation:
        return see_other(address(visit))
    return visit.render(
        "confirmation.html",
        status=UNPROCESSABLE if errors else 200,
        passport=passport,
        tries=tries_left(passport),
        address=address(visit),
        errors=by_field(errors),
        summary=summary(errors),
    )
