"""Tokens in forms: a POST counts only if it came from a page of ours, made for that very browser."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

FIELD = "form_token"


@dataclass(frozen=True, slots=True)
class FormTokens:
    """Makes and checks the token of a browser's forms, from its cookie and the session it has, if any."""

    key: bytes

    def token(self, browser: str, session: str | None) -> str:
        """The token of every form that this browser gets while it has that session."""
        said = f"form:{browser}:{session or ''}"
        return hmac.digest(self.key, said.encode(), hashlib.sha256).hex()

    def is_right(self, sent: str, browser: str | None, session: str | None) -> bool:
        """Whether the form was ours, and for this browser; never for one without its cookie."""
        if not browser:
            return False
        return hmac.compare_digest(self.token(browser, session).encode(), sent.encode())


def new_browser() -> str:
    """The name of a browser, which it alone knows."""
    return secrets.token_urlsafe(24)
