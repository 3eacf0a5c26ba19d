"""Signing in to a demonstration as one of its personas: by a button, where settings name them."""

import logging
from urllib.parse import quote

from starlette.responses import Response

from portal.accounts import AccountId, Email
from portal.errors import NotFound
from portal.form_tokens import new_browser
from portal.forms.personas import PersonaForm
from portal.permissions import PageTable
from portal.visits import BROWSER_COOKIE, SESSION_COOKIE, Visit, local_path, see_other, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


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
    return await _welcome(visit, account.id, email)


async def _welcome(visit: Visit, account: AccountId, email: Email) -> Response:
    token = await visit.portal.sessions.begin(account, email, instead_of=visit.token)
    answer = see_other(f"/organisations?to={quote(local_path(visit.form.get('to')), safe='')}")
    set_cookie(answer, SESSION_COOKIE, token, same_site="lax")
    set_cookie(answer, BROWSER_COOKIE, new_browser(), same_site="strict")
    return answer
