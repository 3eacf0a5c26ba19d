"""Who is signed in: kept on our side, and known to a browser by a token of which we keep only the hash."""

import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

from portal.accounts import AccountId, Email

SessionToken = NewType("SessionToken", str)
"""What the browser holds."""
TokenDigest = NewType("TokenDigest", str)
"""What we hold of it."""

TOUCHED_EVERY = timedelta(minutes=1)
"""How seldom it is written that somebody is still there."""
REMEMBERED = timedelta(hours=12)
"""How long it is known whose a session was that ended by itself: what they typed then is kept for them."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody proved who they are, and when they did: agents are told both."""

    assurance: str
    """The `acr` of each assertion."""
    at: datetime
    provider: str | None = None
    """Where they did, when it was not here."""


@dataclass(frozen=True, slots=True)
class Session:
    """One person, signed in at one browser."""

    digest: TokenDigest
    account: AccountId
    email: Email
    signed_in_at: datetime
    seen_at: datetime
    proof: Proof
    organisation: str | None = None
    """The ODS code of the one they chose."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long a session lasts without a page, and at most."""

    idle: timedelta
    longest: timedelta

    def has_ended(self, session: Session, now: datetime) -> bool:
        """Whether the person has to sign in again."""
        return now >= min(session.seen_at + self.idle, session.signed_in_at + self.longest)


class KeptSessions(ABC):
    """Where sessions are kept."""

    @abstractmethod
    async def add(self, session: Session) -> None:
        """Keep one."""

    @abstractmethod
    async def find(self, digest: TokenDigest) -> Session | None:
        """The session, if it is there and so is its account."""

    @abstractmethod
    async def keep(self, session: Session) -> None:
        """Keep when it was last seen and which organisation was chosen, if it is still there."""

    @abstractmethod
    async def remove(self, digest: TokenDigest) -> None:
        """End one."""

    @abstractmethod
    async def remove_all_of(self, account: AccountId) -> None:
        """End every one of a person."""

    @abstractmethod
    async def remove_ended(self, *, seen_before: datetime, signed_in_before: datetime) -> None:
        """Forget those that have ended by themselves."""


def digest_of(token: SessionToken) -> TokenDigest:
    """What is kept of a token. It is random, so a fast hash is enough."""
    return TokenDigest(hashlib.sha256(token.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds and ends sessions."""

    kept: KeptSessions
    life: Life
    now: Callable[[], datetime]

    async def begin(
        self, account: AccountId, email: Email, proof: Proof, *, instead_of: SessionToken | None
    ) -> SessionToken:
        """Sign somebody in, with a new token always: one that was planted in the browser is worth nothing."""
        if instead_of is not None:
            await self.kept.remove(digest_of(instead_of))
        now = self.now()
        await self.kept.remove_ended(
            seen_before=now - self.life.idle - REMEMBERED,
            signed_in_before=now - self.life.longest - REMEMBERED,
        )
        token = SessionToken(secrets.token_urlsafe(32))
        await self.kept.add(Session(digest_of(token), account, email, now, now, proof))
        return token

    async def find(self, token: SessionToken, *, watching: bool = False) -> Session | None:
        """The session that a token opens, unless it has ended; it counts as seen unless a page watches."""
        session = await self.kept.find(digest_of(token))
        if session is None:
            return None
        now = self.now()
        if self.life.has_ended(session, now):
            return None
        if watching or now - session.seen_at < TOUCHED_EVERY:
            return session
        seen = replace(session, seen_at=now)
        await self.kept.keep(seen)
        return seen

    async def ended(self, token: SessionToken) -> Session | None:
        """The session that a token opened until it ended by itself, not long ago."""
        session = await self.kept.find(digest_of(token))
        return session if session is not None and self.life.has_ended(session, self.now()) else None

    async def choose(self, session: Session, organisation: str) -> None:
        """Remember for which organisation the person acts."""
        await self.kept.keep(replace(session, organisation=organisation))

    async def begin_alone(self, session: Session, proof: Proof) -> SessionToken:
        """Go on with a new token, and end every other session of the person."""
        await self.kept.remove_all_of(session.account)
        token = await self.begin(session.account, session.email, proof, instead_of=None)
        begun = await self.kept.find(digest_of(token))
        if begun is not None and session.organisation is not None:
            await self.choose(begun, session.organisation)
        return token

    async def end(self, token: SessionToken) -> None:
        """Sign out."""
        await self.kept.remove(digest_of(token))
