"""Signing in and out."""

import logging
from urllib.parse import quote

from starlette.responses import Response

from portal.accounts import AccountId
from portal.errors import TooOften
from portal.form_tokens import new_browser
from portal.forms.fields import FieldError, by_field, summary
from portal.forms.sign_in import SignInForm
from portal.pages.sign_in import REFUSED
from portal.permissions import PageTable
from portal.sign_in import SignInRefused, TooManyTries, Tried
from portal.visits import BROWSER_COOKIE, SESSION_COOKIE, Visit, local_path, see_other, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


@PAGES.everybody("GET", "/sign-in")
async def ask(visit: Visit) -> Response:
    """Ask who somebody is."""
    to = local_path(visit.request.query_params.get("to"))
    return visit.render("sign_in.html", to=to, errors={}, summary=[], email="")


@PAGES.everybody("POST", "/sign-in")
async def sign_in(visit: Visit) -> Response:
    """Let somebody in."""
    form = SignInForm.read(visit.form)
    if form.errors:
        return _again(visit, form, form.errors)
    try:
        account = await visit.portal.sign_in.sign_in(
            Tried(form.email, form.password, form.code, _address(visit))
        )
    except SignInRefused:
        LOGGER.info("%s: sign-in refused", visit.request.state.reference)
        return _again(visit, form, REFUSED)
    except TooManyTries as limit:
        raise TooOften("sign_in_too_often", retry_after=int(limit.retry_after.total_seconds())) from limit
    LOGGER.info("%s: account %s signed in", visit.request.state.reference, account)
    return await _welcome(visit, account, form)


@PAGES.signed_in("POST", "/sign-out")
async def sign_out(visit: Visit) -> Response:
    """End the session."""
    if visit.token is not None:
        await visit.portal.sessions.end(visit.token)
    answer = see_other("/signed-out")
    set_cookie(answer, BROWSER_COOKIE, new_browser(), same_site="strict")
    answer.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


@PAGES.everybody("GET", "/signed-out")
async def signed_out(visit: Visit) -> Response:
    """Say that it has ended."""
    return visit.render("signed_out.html")


async def _welcome(visit: Visit, account: AccountId, form: SignInForm) -> Response:
    token = await visit.portal.sessions.begin(account, form.email, instead_of=visit.token)
    to = local_path(visit.form.get("to"))
    answer = see_other(f"/organisations?to={quote(to, safe='')}")
    set_cookie(answer, SESSION_COOKIE, token, same_site="lax")
    set_cookie(answer, BROWSER_COOKIE, new_browser(), same_site="strict")
    return answer


def _again(visit: Visit, form: SignInForm, errors: tuple[FieldError, ...]) -> Response:
    to = local_path(visit.form.get("to"))
    return visit.render(
        "sign_in.html", status=422, to=to, errors=by_field(errors), summary=summary(errors), email=form.email
    )


def _address(visit: Visit) -> str:
    return "unknown" if visit.request.client is None else visit.request.client.host
