"""A sign-in that is under way: bound to one browser, good once, and not for long."""

import base64
import hashlib
import hmac
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

AttemptToken = NewType("AttemptToken", str)
"""What the browser holds meanwhile."""
AttemptDigest = NewType("AttemptDigest", str)
"""What we hold of it."""

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was begun, and the page to come to afterwards. It holds nothing that is secret."""

    digest: AttemptDigest
    purpose: str
    to: str
    ends_at: datetime


class KeptAttempts(ABC):
    """Where attempts are kept."""

    @abstractmethod
    async def add(self, attempt: Attempt, *, now: datetime) -> None:
        """Keep one, and forget those that have ended."""

    @abstractmethod
    async def take(self, digest: AttemptDigest) -> Attempt | None:
        """The attempt, which is gone then: of two who ask, one gets it."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Begins attempts, and gives each back once."""

    kept: KeptAttempts
    key: bytes
    now: Callable[[], datetime]

    async def begin(self, purpose: str, to: str = "/") -> AttemptToken:
        """Begin one; the browser gets the token as a cookie."""
        token, now = AttemptToken(secrets.token_urlsafe(32)), self.now()
        await self.kept.add(Attempt(_digest(token), purpose, to, now + LASTS), now=now)
        return token

    async def take(self, token: AttemptToken | None, purpose: str) -> Attempt | None:
        """What this browser began for this very purpose, if it did and in time; not a second time."""
        attempt = None if token is None else await self.kept.take(_digest(token))
        if attempt is None or attempt.purpose != purpose or self.now() >= attempt.ends_at:
            return None
        return attempt

    def secret(self, token: AttemptToken, use: str) -> str:
        """A secret of this attempt for one use, 43 characters: what the database has does not tell it."""
        made = hmac.digest(self.key, f"attempt:{use}:{token}".encode(), hashlib.sha256)
        return _base64url(made)


def _digest(token: AttemptToken) -> AttemptDigest:
    return AttemptDigest(hashlib.sha256(token.encode()).hexdigest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
