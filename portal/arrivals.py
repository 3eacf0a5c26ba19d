"""What every way to sign in ends with: a session and its cookies, or the sign-in page again."""

from urllib.parse import quote

from starlette.responses import Response

from portal.accounts import AccountId, Email
from portal.errors import TooOften
from portal.form_tokens import new_browser
from portal.forms.fields import FieldError, by_field, summary
from portal.pages.sign_in import ways_to_sign_in
from portal.sessions import Proof, SessionToken
from portal.sign_in import TooManyTries
from portal.visits import (
    ATTEMPT_COOKIE,
    BROWSER_COOKIE,
    SESSION_COOKIE,
    Visit,
    local_path,
    see_other,
    set_cookie,
)


async def require_not_too_often(visit: Visit) -> None:
    """Count one try to sign in from where the request came from. Raises `TooOften`."""
    try:
        await visit.portal.sign_in.require_within_limit(visit.address)
    except TooManyTries as limit:
        raise too_often(limit) from limit


def too_often(limit: TooManyTries) -> TooOften:
    """Of one address, whoever it tried to be."""
    return TooOften("sign_in_too_often", retry_after=int(limit.retry_after.total_seconds()))


async def welcome(visit: Visit, account: AccountId, email: Email, proof: Proof, to: str) -> Response:
    """Begin a session, and lead to the page that was wanted."""
    token = await visit.portal.sessions.begin(account, email, proof, instead_of=visit.token)
    answer = see_other(f"/organisations?to={quote(local_path(to), safe='')}")
    give_session(answer, token)
    answer.delete_cookie(ATTEMPT_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


def give_session(answer: Response, token: SessionToken) -> None:
    """The cookies of a new session: forms that were made before are worth nothing."""
    set_cookie(answer, SESSION_COOKIE, token, same_site="lax")
    set_cookie(answer, BROWSER_COOKIE, new_browser(), same_site="strict")


def sign_in_page(
    visit: Visit, to: str, *, errors: tuple[FieldError, ...] = (), status: int = 422, email: str = ""
) -> Response:
    """The page with every way to sign in; with errors, it says them."""
    told = visit.portal.settings.sign_in
    return visit.render(
        "sign_in.html",
        status=status if errors else 200,
        forms_lead_to=[provider.pages_origin for provider in told.providers.values()],
        to=local_path(to),
        ways=ways_to_sign_in(told, passkeys=visit.portal.passkeys.are_possible),
        errors=by_field(errors),
        summary=summary(errors),
        email=email,
        has_ended=_has_ended(visit),
        reference=visit.request.state.reference,
    )


def _has_ended(visit: Visit) -> bool:
    """Whether somebody was signed in a moment ago: it is over, or an agent said so."""
    led_here = visit.session is None or "to" in visit.request.query_params
    return visit.token is not None and led_here
