"""What callers send, parsed once."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from agent.domain.credentials import PASSPORT_TYPES, CredentialFormat, CredentialType
from agent.domain.review import Decision
from agent.routing import Body


class CreateReview(Body):
    """Why the person is asked; they read it before they answer."""

    purpose: Annotated[str, Field(min_length=3, max_length=200)]


class DecideOnPresentation(Body):
    """What a person at the host decides, and why."""

    decision: Decision
    reason: Annotated[str, Field(min_length=3, max_length=500)]


class RequestPresentation(Body):
    """What to ask for and how long to wait; in what formats the wallet can, when nothing is said."""

    types: Annotated[tuple[CredentialType, ...], Field(min_length=1, max_length=len(CredentialType))] = (
        PASSPORT_TYPES
    )
    formats: Annotated[frozenset[CredentialFormat], Field(min_length=1)] | None = None
    answer_within_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None

    @property
    def asked(self) -> tuple[CredentialType, ...]:
        """The types, each once."""
        return tuple(dict.fromkeys(self.types))

    @property
    def answer_within(self) -> timedelta | None:
        """How long to wait."""
        return None if self.answer_within_seconds is None else timedelta(seconds=self.answer_within_seconds)
