"""One-time links: what stands in an e-mail, and shows that somebody reads that mailbox."""

import hashlib
import secrets
from datetime import timedelta

LIFE = timedelta(hours=72)
_BYTES = 32


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """What is kept of it: a token of 256 random bits needs no salt, and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
