"""Proving who acts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from agent.domain.actors import Actor


@dataclass(frozen=True, slots=True)
class Act:
    """One call as it arrived: what the proof must be bound to."""

    method: str
    path: str  # with its query, exactly as sent
    body: bytes


class Authentication(ABC):
    """Turns a signed assertion into the actor it proves."""

    @abstractmethod
    async def actor(self, assertion: str | None, act: Act) -> Actor:
        """The actor who signed in and does `act`.

        Raises `NotAuthenticated` when the assertion is absent, malformed, expired, used before, for
        another act or by a stranger; `NotPermitted` when the user is not nominated now.
        """
