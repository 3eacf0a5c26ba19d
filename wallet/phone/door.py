"""What stands before the pages: who may come in, whose form it is, and what a browser may load."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from aiohttp import web

from wallet.holder.problems import InvalidInput, WalletProblem

COOKIE = "staff-passport-phone"
FIELD = "form_token"
LARGEST_FORM = 200_000
MOST_FIELDS = 200


class NotFromHere(WalletProblem):
    """A form that no page of ours made for this very browser."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("form_not_ours", "This page was open for too long. Open it again, and then answer.")


class TooLarge(WalletProblem):
    """More than any form of ours has."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self) -> None:
        super().__init__("form_too_large", "That was more text than fits. Nothing was done.")


@dataclass(frozen=True, slots=True)
class Door:
    """Lets in browsers on this machine that name us as they should, and forms of ours.

    A page from elsewhere cannot name us by its own host (DNS rebinding), nor send a form that has our token.
    """

    port: int
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def knows(self, request: web.Request) -> bool:
        """Whether the request is for us, by the name that stands in it."""
        return request.headers.get("Host") in {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost")}

    def browser(self, request: web.Request) -> str:
        """The name of the browser, which it alone knows; a new one for who has none."""
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)

    def token(self, browser: str) -> str:
        """What stands in every form that this browser gets."""
        return hmac.digest(self.key, browser.encode(), hashlib.sha256).hex()

    async def form(self, request: web.Request) -> dict[str, list[str]]:
        """The fields of a form of ours. Raises `NotFromHere`, `TooLarge` or `InvalidInput`."""
        if request.headers.get("Origin", self._origin(request)) != self._origin(request):
            raise NotFromHere
        fields = _fields(await _body(request))
        sent, browser = "".join(fields.get(FIELD, [])), request.cookies.get(COOKIE)
        if not browser or not hmac.compare_digest(self.token(browser).encode(), sent.encode()):
            raise NotFromHere
        return fields

    def _origin(self, request: web.Request) -> str:
        return f"http://{request.headers.get('Host')}"


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > LARGEST_FORM:
            raise TooLarge
    return bytes(body)


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise InvalidInput("form_unreadable", "This form cannot be read. Nothing was done.") from error


def protect(response: web.StreamResponse, nonce: str) -> None:
    """Tell the browser to load nothing from elsewhere, to run no script but ours, and to keep nothing."""
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    response.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
