"""One passport, as it stands."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.passports import PassportCalls
from portal.errors import NotFound, Refused, Unavailable
from portal.forms.fields import FieldError, summary
from portal.pages.errors import at_the_form, status_of
from portal.pages.passport import InvitationPart, PassportPart, invitation_part, passport_part
from portal.permissions import PageTable
from portal.visits import ActingVisit, see_other

PAGES = PageTable()


@PAGES.page("GET", "/passports/{passport:uuid}", permission=Permission.PASSPORT_READ, reads=True)
async def passport(visit: ActingVisit) -> Response:
    """Show how it stands, and what is to be done next."""
    return await as_it_stands(visit)


@PAGES.page("GET", "/passports/{passport:uuid}/offer", permission=Permission.CREDENTIAL_OFFER)
async def ask(visit: ActingVisit) -> Response:
    """Show it: whoever could not offer comes back here."""
    return await as_it_stands(visit)


@PAGES.page("POST", "/passports/{passport:uuid}/offer", permission=Permission.CREDENTIAL_OFFER)
async def offer(visit: ActingVisit) -> Response:
    """Offer every credential that the passport does not have."""
    try:
        await PassportCalls(visit.calls).offer(identifier(visit), key=visit.key())
    except (Refused, Unavailable) as error:
        return await as_it_stands(visit, at_the_form(error), status=status_of(error))
    return see_other(address(visit))


async def as_it_stands(
    visit: ActingVisit, errors: tuple[FieldError, ...] = (), *, status: int = 200
) -> Response:
    """The passport's page, with what was not done just now."""
    part = await standing(visit)
    return visit.render(
        "passport.html",
        status=status,
        passport=part,
        invitation=await _invitation(visit, part),
        address=address(visit),
        summary=summary(errors),
        live=not errors,  # else what was not done would vanish with the next change
    )


async def standing(visit: ActingVisit) -> PassportPart:
    """How it stands. Raises `NotFound`."""
    calls, passport = PassportCalls(visit.calls), identifier(visit)
    found, credentials = await asyncio.gather(calls.one(passport), calls.credentials(passport))
    return passport_part(found, credentials.credentials)


def identifier(visit: ActingVisit) -> str:
    """Which passport the page's address names."""
    return str(visit.request.path_params["passport"])


def address(visit: ActingVisit) -> str:
    """Of the passport's own page."""
    return f"/passports/{identifier(visit)}"


async def _invitation(visit: ActingVisit, part: PassportPart) -> InvitationPart | None:
    """The invitation while it is open, for whoever may hand it on."""
    if not part.is_invited or Permission.PASSPORT_CREATE not in visit.permissions:
        return None
    try:
        invitation = await PassportCalls(visit.calls).invitation(part.id)
    except NotFound:  # taken up, or run out, a moment ago
        return None
    return invitation_part(invitation, part.name, visit.organisation_name or "")
