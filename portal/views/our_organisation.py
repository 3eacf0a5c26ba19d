"""The organisation for whom somebody acts: what it is, and how it stands."""

import asyncio

from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.registration import RegistrationCalls
from portal.agent_client.terms import TermsCalls
from portal.pages.our_organisation import own_page
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()


@PAGES.page("GET", "/organisation", permission=Permission.ORGANISATION_READ, reads=True)
async def own(visit: ActingVisit) -> Response:
    """Where the operator's e-mails lead."""
    calls = RegistrationCalls(visit.calls)
    known, registration, terms = await asyncio.gather(
        calls.organisation(), calls.registration(), TermsCalls(visit.calls).overview()
    )
    return visit.render("our_organisation.html", own=own_page(known, registration, terms))
