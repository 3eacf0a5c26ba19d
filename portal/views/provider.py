"""Signing in at a provider of OpenID Connect."""

import logging

from starlette.responses import Response

from portal.arrivals import require_not_too_often, sign_in_page, welcome
from portal.errors import NotFound
from portal.openid.refusals import NotSignedInThere
from portal.pages.sign_in import not_signed_in_there, status_of
from portal.permissions import PageTable
from portal.visits import ATTEMPT_COOKIE, Visit, local_path, see_other, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


@PAGES.everybody("POST", "/sign-in/with/{provider}")
async def leave(visit: Visit) -> Response:
    """Send somebody there; who is signed in already is asked again."""
    provider, to = _provider(visit), local_path(visit.form.get("to"))
    await require_not_too_often(visit)
    try:
        leaving = await visit.portal.providers.begin(provider, to, again=visit.session is not None)
    except NotSignedInThere as refused:
        return _refused(visit, provider, refused)
    answer = see_other(leaving.address)
    set_cookie(answer, ATTEMPT_COOKIE, leaving.token, same_site="lax")
    return answer


@PAGES.everybody("GET", "/sign-in/back/{provider}")
async def come_back(visit: Visit) -> Response:
    """Let in whom the provider signed in."""
    provider = _provider(visit)
    try:
        arrived = await visit.portal.providers.finish(
            provider, visit.attempt, dict(visit.request.query_params)
        )
    except NotSignedInThere as refused:
        return _refused(visit, provider, refused)
    LOGGER.info("%s: account %s signed in at %s", visit.request.state.reference, arrived.account, provider)
    return await welcome(visit, arrived.account, arrived.email, arrived.proof, arrived.to)


def _provider(visit: Visit) -> str:
    """Raises `NotFound` for one that the settings do not name."""
    provider = str(visit.request.path_params["provider"])
    if provider not in visit.portal.settings.sign_in.providers:
        raise NotFound("provider_not_configured")
    return provider


def _refused(visit: Visit, provider: str, refused: NotSignedInThere) -> Response:
    LOGGER.warning("%s: sign-in at %s: %s", visit.request.state.reference, provider, refused)
    name = visit.portal.settings.sign_in.providers[provider].name
    answer = sign_in_page(
        visit,
        visit.form.get("to", ""),
        errors=not_signed_in_there(refused.reason, name),
        status=status_of(refused.reason),
    )
    answer.delete_cookie(ATTEMPT_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer
