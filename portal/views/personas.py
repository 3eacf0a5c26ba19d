"""Signing in to a demonstration as one of its personas: by a button, where settings name them."""

import logging

from starlette.responses import Response

from portal.arrivals import welcome
from portal.errors import NotFound
from portal.forms.personas import PersonaForm
from portal.permissions import PageTable
from portal.sessions import Proof
from portal.visits import Visit, local_path

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()
ASSURANCE = "urn:staff-passport:acr:demonstration"


@PAGES.everybody("POST", "/personas")
async def sign_in_as(visit: Visit) -> Response:
    """Let a persona in; nobody else."""
    email = PersonaForm.read(visit.form).email
    if email not in {persona.email for persona in visit.portal.settings.personas}:
        raise NotFound("no_such_persona")
    account = await visit.portal.sign_in.accounts.by_email(email)
    if account is None:
        raise NotFound("persona_without_account")
    LOGGER.info("%s: account %s signed in as a persona", visit.request.state.reference, account.id)
    proof = Proof(ASSURANCE, visit.portal.sign_in.now())
    return await welcome(visit, account.id, email, proof, local_path(visit.form.get("to")))
