"""Signing in with a password and a code, and signing out."""

import logging
from urllib.parse import quote

from starlette.responses import Response

from portal.arrivals import sign_in_page, too_often, welcome
from portal.errors import NotFound
from portal.form_tokens import new_browser
from portal.forms.sign_in import SignInForm
from portal.pages.sign_in import REFUSED
from portal.permissions import PageTable
from portal.sessions import Proof
from portal.sign_in import ASSURANCE, SignInRefused, TooManyTries, Tried
from portal.visits import BROWSER_COOKIE, SESSION_COOKIE, SignedInVisit, Visit, see_other, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


@PAGES.everybody("GET", "/sign-in")
async def ask(visit: Visit) -> Response:
    """Ask who somebody is."""
    return sign_in_page(visit, visit.request.query_params.get("to", ""))


@PAGES.everybody("POST", "/sign-in")
async def sign_in(visit: Visit) -> Response:
    """Let somebody in."""
    if not visit.portal.settings.sign_in.local:
        raise NotFound("local_sign_in_is_off")
    form, to = SignInForm.read(visit.form), visit.form.get("to", "")
    if form.errors:
        return sign_in_page(visit, to, errors=form.errors, email=form.email)
    try:
        account = await visit.portal.sign_in.sign_in(
            Tried(form.email, form.password, form.code, visit.address)
        )
    except SignInRefused:
        LOGGER.info("%s: sign-in refused", visit.request.state.reference)
        return sign_in_page(visit, to, errors=REFUSED, email=form.email)
    except TooManyTries as limit:
        raise too_often(limit) from limit
    LOGGER.info("%s: account %s signed in", visit.request.state.reference, account)
    return await welcome(visit, account, form.email, Proof(ASSURANCE, visit.portal.sign_in.now()), to)


@PAGES.signed_in("POST", "/sign-out")
async def sign_out(visit: SignedInVisit) -> Response:
    """End the session, and the one at the provider that somebody came from."""
    if visit.token is not None:
        await visit.portal.sessions.end(visit.token)
    answer = see_other(await _onwards(visit))
    set_cookie(answer, BROWSER_COOKIE, new_browser(), same_site="strict")
    answer.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


@PAGES.everybody("GET", "/signed-out")
async def signed_out(visit: Visit) -> Response:
    """Say that it has ended; and where perhaps not."""
    provider = visit.portal.settings.sign_in.providers.get(visit.request.query_params.get("not-at", ""))
    return visit.render("signed_out.html", still_at=None if provider is None else provider.name)


async def _onwards(visit: SignedInVisit) -> str:
    provider = visit.session.proof.provider
    if provider is None:
        return "/signed-out"
    back = f"{visit.portal.settings.origin}/signed-out"
    there = await visit.portal.providers.sign_out_address(provider, back)
    return there or f"/signed-out?not-at={quote(provider, safe='')}"
