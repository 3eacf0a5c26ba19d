"""How a request becomes a visit: deny by default, and every error a page."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.people import PeopleCalls
from portal.errors import CannotBeRead, Faulty, NotFound, NotPermitted, NotSignedIn, PageError, TooLarge
from portal.form_tokens import FIELD, new_browser
from portal.pages.errors import error_page
from portal.permissions import Open, Page
from portal.sessions import Session, SessionToken
from portal.visits import (
    BROWSER_COOKIE,
    SESSION_COOKIE,
    ActingVisit,
    Portal,
    SignedInVisit,
    Visit,
    see_other,
)

LOGGER = logging.getLogger(__name__)
LARGEST_FORM = 64 * 1024
MOST_FIELDS = 100


class OrganisationNotChosen(Exception):
    """The person has to say first for whom they act."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Lets a visitor through to a page, or shows why not."""

    portal: Portal

    def endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """What answers requests for `page`."""

        async def answer(request: Request) -> Response:
            visit = self._stranger(request)
            try:
                visit = await self._visit(request)
                return await page.view(await self._let_through(visit, page))
            except NotSignedIn:
                return see_other(f"/sign-in?to={quote(_comes_back_to(request), safe='')}")
            except OrganisationNotChosen:
                return see_other(f"/organisations?to={quote(_comes_back_to(request), safe='')}")
            except PageError as error:
                return self._shown(visit, error)
            except Exception as error:  # noqa: BLE001  # the last word: whatever it is, it becomes a page
                return self._shown(visit, _unforeseen(error))

        return answer

    async def not_found(self, request: Request, error: Exception) -> Response:
        """What answers a path or method that no table has."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._shown(self._stranger(request), NotFound(f"http_{status}"))

    def _shown(self, visit: Visit, error: PageError) -> Response:
        reference = visit.request.state.reference
        LOGGER.warning("%s: %d %s", reference, error.status, error.code)
        answer = visit.render("error.html", status=error.status, page=error_page(error), reference=reference)
        if error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    def _stranger(self, request: Request) -> Visit:
        browser = request.cookies.get(BROWSER_COOKIE) or new_browser()
        return Visit(request, self.portal, {}, browser, None, None)

    async def _visit(self, request: Request) -> Visit:
        browser = request.cookies.get(BROWSER_COOKIE)
        token = SessionToken(request.cookies.get(SESSION_COOKIE, "")) or None
        session = None if token is None else await self.portal.sessions.find(token)
        form = await self._form(request, browser, session) if request.method == "POST" else {}
        return Visit(request, self.portal, form, browser or new_browser(), token, session)

    async def _form(self, request: Request, browser: str | None, session: Session | None) -> dict[str, str]:
        """What was sent, if a page of ours sent it. Raises `NotPermitted`, `TooLarge` or `CannotBeRead`."""
        origin = request.headers.get("origin")
        if origin is not None and origin != self.portal.settings.origin:
            raise NotPermitted("form_of_another_site")
        form = await _fields(request)
        digest = None if session is None else session.digest
        if not self.portal.form_tokens.is_right(form.get(FIELD, ""), browser, digest):
            if session is None and SESSION_COOKIE in request.cookies:
                raise NotSignedIn("session_ended")  # the form was made for a session that is over
            raise NotPermitted("form_token")
        return form

    async def _let_through(self, visit: Visit, page: Page) -> Visit:
        """The visit as the page's view takes it. Raises why the person may not see the page."""
        if page.access is Open.TO_EVERYBODY:
            return visit
        if visit.session is None:
            raise NotSignedIn("not_signed_in")
        signed_in = SignedInVisit(
            visit.request, visit.portal, visit.form, visit.browser, visit.token, visit.session
        )
        if isinstance(page.access, Permission):
            return await self._acting(signed_in, page.access)
        return signed_in

    async def _acting(self, visit: SignedInVisit, permission: Permission) -> ActingVisit:
        session = visit.session
        if session.organisation is None or session.organisation not in self.portal.settings.organisations:
            raise OrganisationNotChosen
        calls = self.portal.agents.calls(session.organisation, session)
        held = (await PeopleCalls(calls).me()).known
        if permission not in held:
            raise NotPermitted("permission_missing")
        return ActingVisit(
            visit.request, visit.portal, visit.form, visit.browser, visit.token, session, calls, held
        )


async def _fields(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise TooLarge("form_too_large")
    try:
        pairs = parse_qsl(body.decode("ascii"), True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise CannotBeRead("form_unreadable") from error
    if any("\x00" in value for _, value in pairs):
        raise CannotBeRead("form_with_nul")
    return dict(pairs)


def _comes_back_to(request: Request) -> str:
    """The page that was asked for; for something that was sent, the first page."""
    if request.method != "GET":
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def _unforeseen(error: Exception) -> Faulty:
    """What goes to the log of an error that nobody foresaw: its kind and place, and no values."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    code = place.tb_frame.f_code if place is not None else None
    where = "unknown" if code is None or place is None else f"{code.co_filename}:{place.tb_lineno}"
    return Faulty(f"internal_error {type(error).__name__} at {where}")
