"""How a request becomes a visit: deny by default, and every error a page."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from agent.domain.actors import Permission
from portal.agent_client.people import PeopleCalls
from portal.drafts import DraftId
from portal.errors import (
    CannotBeRead,
    Faulty,
    NotFound,
    NotPermitted,
    NotSignedIn,
    PageError,
    TooLarge,
    Unavailable,
)
from portal.form_tokens import FIELD, new_browser
from portal.pages.errors import error_page
from portal.permissions import Open, Page
from portal.remembered import RememberedPermissions
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


class SessionEnded(Exception):
    """A form came from a session that is over; `to` is where to go on after signing in again."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.to = to


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Lets a visitor through to a page, or shows why not."""

    portal: Portal
    shown: frozenset[str]
    """The paths of pages that can be looked at: what was typed on one can be typed on there."""
    remembered: RememberedPermissions = field(default_factory=RememberedPermissions)

    def endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """What answers requests for `page`."""

        async def answer(request: Request) -> Response:
            visit = self._stranger(request)
            try:
                visit = await self._visit(request, page)
                return await page.view(await self._let_through(visit, page))
            except SessionEnded as ended:
                return see_other(f"/sign-in?to={quote(ended.to, safe='')}")
            except NotSignedIn as ended:
                LOGGER.info("%s: %d %s", request.state.reference, ended.status, ended.code)
                return see_other(f"/sign-in?to={quote(await self._comes_back_to(visit, page), safe='')}")
            except OrganisationNotChosen:
                to = await self._comes_back_to(visit, page)
                return see_other(f"/organisations?to={quote(to, safe='')}")
            except PageError as error:
                return self._shown(visit, error, error.back or await self._kept(visit, page))
            except Exception as error:  # noqa: BLE001  # the last word: whatever it is, it becomes a page
                return self._shown(visit, _unforeseen(error), await self._kept(visit, page))

        return answer

    async def not_found(self, request: Request, error: Exception) -> Response:
        """What answers a path or method that no table has."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._shown(self._stranger(request), NotFound(f"http_{status}"))

    def _shown(self, visit: Visit, error: PageError, back: str | None = None) -> Response:
        reference = visit.request.state.reference
        LOGGER.warning("%s: %d %s", reference, error.status, error.code)
        page = error_page(error, sent=visit.request.method == "POST")
        answer = visit.render("error.html", status=error.status, page=page, reference=reference, back=back)
        if error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    def _stranger(self, request: Request) -> Visit:
        browser = request.cookies.get(BROWSER_COOKIE) or new_browser()
        return Visit(request, self.portal, {}, browser, None, None)

    async def _visit(self, request: Request, page: Page) -> Visit:
        browser = request.cookies.get(BROWSER_COOKIE)
        token = SessionToken(request.cookies.get(SESSION_COOKIE, "")) or None
        session = None
        if token is not None:
            session = await self.portal.sessions.find(token, watching=page.watches)
        visit = Visit(request, self.portal, {}, browser or new_browser(), token, session)
        if request.method == "POST":
            return replace(visit, form=await self._form(visit, page))
        return replace(visit, draft=await self._draft(visit))

    async def _form(self, visit: Visit, page: Page) -> dict[str, str]:
        """What was sent, if a page of ours sent it.

        Raises `NotPermitted`, `TooLarge`, `CannotBeRead`, or `SessionEnded` for a session that is over.
        """
        origin = visit.request.headers.get("origin")
        if origin is not None and origin != self.portal.settings.origin:
            raise NotPermitted("form_of_another_site")
        form = await _fields(visit.request)
        if self._is_ours(form, visit, visit.session):
            return form
        if visit.session is None and visit.token is not None:
            ended = await self.portal.sessions.ended(visit.token)
            if ended is None or not self._is_ours(form, visit, ended):
                raise SessionEnded("/")
            raise SessionEnded(await self._kept(replace(visit, session=ended, form=form), page) or "/")
        # From a page of ours, of an earlier session: it does nothing, and what was typed is not lost.
        back = None if origin is None else await self._kept(replace(visit, form=form), page)
        raise NotPermitted("form_token", back=back)

    def _is_ours(self, form: Mapping[str, str], visit: Visit, session: Session | None) -> bool:
        browser = visit.request.cookies.get(BROWSER_COOKIE)
        digest = None if session is None else session.digest
        return self.portal.form_tokens.is_right(form.get(FIELD, ""), browser, digest)

    async def _draft(self, visit: Visit) -> Mapping[str, str]:
        identifier = visit.request.query_params.get("draft")
        if identifier is None or visit.session is None:
            return {}
        return await self.portal.drafts.find(DraftId(identifier), visit.session, visit.request.url.path)

    async def _kept(self, visit: Visit, page: Page) -> str | None:
        """Where what was typed can be typed on; None for what is no form that can be shown again."""
        if visit.request.method != "POST" or visit.session is None or page.path not in self.shown:
            return None
        path = visit.request.url.path
        try:
            return f"{path}?draft={await self.portal.drafts.keep(visit.session, path, visit.form)}"
        except Unavailable:
            return None

    async def _comes_back_to(self, visit: Visit, page: Page) -> str:
        """The page that was asked for; for something that was sent, where it was typed, or the first page."""
        url = visit.request.url
        if visit.request.method == "GET":
            return f"{url.path}?{url.query}" if url.query else url.path
        return await self._kept(visit, page) or "/"

    async def _let_through(self, visit: Visit, page: Page) -> Visit:
        """The visit as the page's view takes it. Raises why the person may not see the page."""
        if page.access is Open.TO_EVERYBODY:
            return visit
        if visit.session is None:
            raise NotSignedIn("not_signed_in")
        signed_in = SignedInVisit(
            visit.request,
            visit.portal,
            visit.form,
            visit.browser,
            visit.token,
            visit.session,
            draft=visit.draft,
        )
        if isinstance(page.access, Permission):
            return await self._acting(signed_in, page, page.access)
        return signed_in

    async def _acting(self, visit: SignedInVisit, page: Page, permission: Permission) -> ActingVisit:
        session = visit.session
        if session.organisation is None or session.organisation not in self.portal.settings.organisations:
            raise OrganisationNotChosen
        calls = self.portal.agents.calls(session.organisation, session)
        held = self.remembered.held(session) if page.reads else frozenset()
        if permission not in held:
            held = (await PeopleCalls(calls).me()).known
            self.remembered.keep(session, held)
        if permission not in held:
            raise NotPermitted("permission_missing")
        return ActingVisit(
            visit.request,
            visit.portal,
            visit.form,
            visit.browser,
            visit.token,
            session,
            calls,
            held,
            draft=visit.draft,
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


def _unforeseen(error: Exception) -> Faulty:
    """What goes to the log of an error that nobody foresaw: its kind and place, and no values."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    code = place.tb_frame.f_code if place is not None else None
    where = "unknown" if code is None or place is None else f"{code.co_filename}:{place.tb_lineno}"
    return Faulty(f"internal_error {type(error).__name__} at {where}")
