"""Signing in with a passkey."""

import logging

from starlette.responses import Response

from portal.arrivals import require_not_too_often, sign_in_page, welcome
from portal.errors import NotFound
from portal.pages.sign_in import PASSKEY_REFUSED
from portal.passkeys import ASSURANCE, PasskeyRefused
from portal.permissions import PageTable
from portal.sessions import Proof
from portal.visits import ATTEMPT_COOKIE, Visit, set_cookie

LOGGER = logging.getLogger(__name__)
PAGES = PageTable()


@PAGES.everybody("POST", "/sign-in/passkey/options")
async def ask(visit: Visit) -> Response:
    """What the browser asks for a passkey with, as JSON."""
    _require_possible(visit)
    await require_not_too_often(visit)
    asked = await visit.portal.passkeys.ask_to_sign_in()
    answer = Response(asked.options, media_type="application/json")
    set_cookie(answer, ATTEMPT_COOKIE, asked.token, same_site="lax")
    return answer


@PAGES.everybody("POST", "/sign-in/passkey")
async def sign_in(visit: Visit) -> Response:
    """Let its owner in; that it was asked for has counted as a try."""
    _require_possible(visit)
    passkeys, to = visit.portal.passkeys, visit.form.get("to", "")
    try:
        owner = await passkeys.sign_in(visit.attempt, visit.form.get("credential", ""))
    except PasskeyRefused as refused:
        LOGGER.info("%s: passkey refused: %s", visit.request.state.reference, refused)
        return sign_in_page(visit, to, errors=PASSKEY_REFUSED)
    LOGGER.info("%s: account %s signed in by passkey", visit.request.state.reference, owner.account)
    return await welcome(visit, owner.account, owner.email, Proof(ASSURANCE, passkeys.now()), to)


def _require_possible(visit: Visit) -> None:
    if not (visit.portal.settings.sign_in.local and visit.portal.passkeys.are_possible):
        raise NotFound("passkeys_are_off")
