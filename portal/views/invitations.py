"""Taking up the links that came by e-mail."""

from starlette.responses import Response

from portal.agent_client.people import PeopleCalls
from portal.agent_client.registration import RegistrationCalls
from portal.errors import NotFound, NotPermitted, Refused
from portal.forms.fields import FieldError, summary
from portal.pages.invitations import PAGES as LINK_PAGES
from portal.pages.invitations import LinkKind, cannot_be_used
from portal.permissions import PageTable
from portal.visits import SignedInVisit, see_other

PAGES = PageTable()


@PAGES.signed_in("GET", "/invitations/{organisation}/{token}")
async def invitation(visit: SignedInVisit) -> Response:
    """Ask whether to accept."""
    return _page(visit, LinkKind.INVITATION)


@PAGES.signed_in("POST", "/invitations/{organisation}/{token}")
async def accept(visit: SignedInVisit) -> Response:
    """Become the person for whom the link was made."""
    organisation, token = _link(visit)
    people = PeopleCalls(visit.portal.agents.calls(organisation, visit.session))
    try:
        await people.accept_invitation(token, key=visit.key())
    except (NotFound, Refused) as refused:
        if refused.code == "link_not_found" and await _acts_already(people):
            return await _go_on(visit, organisation, "/")
        return _page(visit, LinkKind.INVITATION, refused)
    return await _go_on(visit, organisation, "/")


@PAGES.signed_in("GET", "/email-proofs/{organisation}/{token}")
async def email_proof(visit: SignedInVisit) -> Response:
    """Ask whether the address is theirs."""
    return _page(visit, LinkKind.EMAIL_PROOF)


@PAGES.signed_in("POST", "/email-proofs/{organisation}/{token}")
async def prove(visit: SignedInVisit) -> Response:
    """Show the agent that the link was read."""
    organisation, token = _link(visit)
    registration = RegistrationCalls(visit.portal.agents.calls(organisation, visit.session))
    try:
        await registration.email_proven(token, key=visit.key())
    except (NotFound, Refused) as refused:
        return _page(visit, LinkKind.EMAIL_PROOF, refused)
    return await _go_on(visit, organisation, "/registration?done=email")


async def _acts_already(people: PeopleCalls) -> bool:
    """Whether the link was taken up by this very person, who sent the form twice."""
    try:
        await people.me()
    except NotPermitted:
        return False
    return True


async def _go_on(visit: SignedInVisit, organisation: str, to: str) -> Response:
    await visit.portal.sessions.choose(visit.session, organisation)
    return see_other(to)


def _link(visit: SignedInVisit) -> tuple[str, str]:
    told = visit.request.path_params
    return told["organisation"], told["token"]


def _page(visit: SignedInVisit, kind: LinkKind, refused: NotFound | Refused | None = None) -> Response:
    organisation, _ = _link(visit)
    known = visit.portal.settings.organisations.get(organisation)
    if known is None:
        raise NotFound("organisation_not_configured")
    page = LINK_PAGES[kind]
    errors: tuple[FieldError, ...] = () if refused is None else cannot_be_used(page, refused.sentences)
    return visit.render(
        "invitations.html",
        status=422 if errors else 200,
        page=page,
        inviting=known.name,
        summary=summary(errors),
    )
