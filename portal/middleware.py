"""What goes with every answer: what a browser may load and keep, and a reference for the log."""

import secrets
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TWO_YEARS = 63_072_000


class SecurityHeaders:
    """Tells browsers to load nothing from elsewhere, to run no script but ours, and to keep nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        state = scope.setdefault("state", {})
        state.update(nonce=nonce, reference=uuid4().hex[:12], forms_lead_to=frozenset())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), nonce, state["forms_lead_to"])
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add(headers: MutableHeaders, nonce: str, forms_lead_to: frozenset[str]) -> None:
    headers["Content-Security-Policy"] = policy(nonce, forms_lead_to)
    headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "no-store")


def policy(nonce: str, forms_lead_to: frozenset[str] = frozenset()) -> str:
    """Content Security Policy, level 3; browsers hold a form's redirects, too, to where it may lead."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            " ".join(("form-action 'self'", *sorted(forms_lead_to))),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
