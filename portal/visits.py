"""One request as a view gets it: parsed, and with as much known of the person as its page asks for."""

import hashlib
import json
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from agent.domain.actors import Permission
from portal.agent_client.agents import Agents
from portal.agent_client.calls import Calls
from portal.attempts import AttemptToken
from portal.drafts import Drafts
from portal.errors import CannotBeRead
from portal.form_tokens import FIELD, FormTokens
from portal.openid.service import ProviderSignIn
from portal.own_sign_in import OwnSignIn
from portal.passkeys import Passkeys
from portal.presenting import Templates
from portal.remembered import RememberedKinds
from portal.sessions import Session, Sessions, SessionToken
from portal.settings import Settings
from portal.sign_in import SignIn

SESSION_COOKIE = "__Host-session"
BROWSER_COOKIE = "__Host-browser"
ATTEMPT_COOKIE = "__Host-attempt"
"""Lax, for it has to be there when a provider sends the browser back."""
SEE_OTHER = 303
ONCE = "once"
"""The field by which a form that is sent twice is known."""
HANDED_ON = "handed_on"
"""Marks what one page gave to the next: it was sent all right, unlike other drafts."""


@dataclass(frozen=True, slots=True)
class Portal:
    """What views are given to work with."""

    settings: Settings
    sessions: Sessions
    drafts: Drafts
    sign_in: SignIn
    agents: Agents
    form_tokens: FormTokens
    templates: Templates
    providers: ProviderSignIn
    passkeys: Passkeys
    own_sign_in: OwnSignIn
    kinds: RememberedKinds = field(default_factory=RememberedKinds)


@dataclass(frozen=True, slots=True)
class Visit:
    """By anybody."""

    request: Request
    portal: Portal
    form: Mapping[str, str]
    browser: str
    token: SessionToken | None
    session: Session | None
    draft: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """What the person had typed here before, and could not send; nothing, most of the time."""

    def render(
        self, template: str, *, status: int = 200, forms_lead_to: Iterable[str] = (), **page: object
    ) -> Response:
        """A page, with what every page has; its forms may lead to the origins that are named, and to ours."""
        everywhere = {
            "nonce": self.request.state.nonce,
            "form_token": self.portal.form_tokens.token(self.browser, self._digest),
            "once": self.draft.get(ONCE) or secrets.token_urlsafe(16),
            "draft": bool(self.draft) and HANDED_ON not in self.draft,
            "path": self.request.url.path,
            "demonstration": self.portal.settings.demonstration,
            "personas": self.portal.settings.personas,
            "session": self.session,
            "organisation": self.organisation_name,
            "permissions": self.held,
        }
        html = self.portal.templates.render(template, everywhere | page)
        self.request.state.forms_lead_to = self._signs_out_at.union(forms_lead_to)
        answer = HTMLResponse(html, status)
        if self.request.cookies.get(BROWSER_COOKIE) != self.browser:
            set_cookie(answer, BROWSER_COOKIE, self.browser, same_site="strict")
        return answer

    @property
    def _signs_out_at(self) -> frozenset[str]:
        """Where the button of every page leads, for somebody who came from a provider."""
        came_from = None if self.session is None else self.session.proof.provider
        provider = self.portal.settings.sign_in.providers.get(came_from or "")
        return frozenset() if provider is None else frozenset({provider.pages_origin})

    @property
    def attempt(self) -> AttemptToken | None:
        """The sign-in that this browser has under way."""
        return AttemptToken(self.request.cookies.get(ATTEMPT_COOKIE, "")) or None

    @property
    def address(self) -> str:
        """Where the request came from."""
        return "unknown" if self.request.client is None else self.request.client.host

    @property
    def held(self) -> frozenset[Permission]:
        """What the person may do, as far as this page asked."""
        return frozenset()

    @property
    def _digest(self) -> str | None:
        return None if self.session is None else self.session.digest

    @property
    def organisation_name(self) -> str | None:
        """For which organisation the person acts, by its name."""
        chosen = None if self.session is None else self.session.organisation
        known = self.portal.settings.organisations.get(chosen or "")
        return None if known is None else known.name


@dataclass(frozen=True, slots=True)
class SignedInVisit(Visit):
    """By somebody who is signed in."""

    session: Session

    async def go_on(self, path: str, handed_on: Mapping[str, str]) -> Response:
        """Go on to a page with what it has to know, which neither an address nor a table may say in clear.

        Its form has the same number whenever it is shown: going back and sending it again does nothing twice.
        """
        once = secrets.token_urlsafe(16)
        told = {**handed_on, ONCE: once, HANDED_ON: once}
        identifier = await self.portal.drafts.keep(self.session, path, told)
        return see_other(f"{path}?draft={identifier}")

    def key(self, call: str = "") -> str:
        """The idempotency key of what this form asks for: the same form sent twice is done once.

        A view that makes several calls names each. Raises `CannotBeRead` for a form that has no number.
        """
        if not self.form.get(ONCE):
            raise CannotBeRead("form_without_number")
        told = sorted((name, value) for name, value in self.form.items() if name != FIELD)
        said = json.dumps([self.request.url.path, self.session.account, call, told])
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ActingVisit(SignedInVisit):
    """By somebody who acts for the organisation that they chose, and holds what the page asks for."""

    calls: Calls
    permissions: frozenset[Permission]

    @property
    def held(self) -> frozenset[Permission]:
        return self.permissions


def set_cookie(answer: Response, name: str, value: str, *, same_site: Literal["lax", "strict"]) -> None:
    """Give a cookie that no script reads and that goes nowhere but here, until the browser is closed."""
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite=same_site)


def see_other(path: str) -> Response:
    """The answer to a POST that did what it should: a path of ours, or the address of a provider."""
    return RedirectResponse(path, SEE_OTHER)


async def sent_as_file(chunks: AsyncGenerator[bytes], name: str, content_type: str) -> Response:
    """A file that is sent as it comes and held nowhere. What is wrong is raised before it has begun.

    Afterwards a fault ends the connection, so that the browser knows the file is not whole.
    """
    first = await anext(chunks, b"")

    async def whole() -> AsyncIterator[bytes]:
        async with aclosing(chunks):
            yield first
            async for chunk in chunks:
                yield chunk

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(whole(), headers=headers, media_type=content_type)


def local_path(text: str | None) -> str:
    """A path of ours to go on to; the first page for anything that would lead elsewhere."""
    if text and re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", text):
        return text
    return "/"
