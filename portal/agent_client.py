"""What the portal asks of an organisation's agent, for the person in front of it: one class per plugin."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.domain.actors import Permission
from agent.domain.passport import PassportId, PassportState
from agent.domain.review import ReviewId, ReviewState
from agent_client import AgentClient, CallFailed, PortalKey
from portal.errors import (
    CannotBeRead,
    Faulty,
    NotFound,
    NotPermitted,
    NotSignedIn,
    PageError,
    Refused,
    TooOften,
    Unavailable,
)
from portal.sessions import Session
from portal.settings import Organisation, Settings


class _Answer(BaseModel):
    """What we read of an answer; agents may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Me(_Answer):
    """What the person may do here, of what this release knows."""

    permissions: frozenset[str]

    @property
    def known(self) -> frozenset[Permission]:
        """Those that pages ask for; an agent may be newer than we are."""
        return frozenset(each for each in Permission if each.value in self.permissions)


class Passport(_Answer):
    """One person's passport, as a list shows it."""

    id: PassportId
    state: PassportState
    holder_name: str
    assignment_number: str
    created_at: datetime


class PassportPage(_Answer):
    """A page of passports, and where the next one begins."""

    passports: tuple[Passport, ...]
    next: str | None = None


class Review(_Answer):
    """A host's review, as a list shows it."""

    id: ReviewId
    state: ReviewState
    purpose: str
    created_at: datetime


class ReviewPage(_Answer):
    """A page of reviews, and where the next one begins."""

    reviews: tuple[Review, ...]
    next: str | None = None


class Task(_Answer):
    """Something that somebody in HR has to look at."""

    id: str
    kind: str
    passport: PassportId
    reason: str
    opened_at: datetime


class TaskPage(_Answer):
    """A page of tasks, and where the next one begins."""

    tasks: tuple[Task, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Reads from one agent for one person; problems become page errors."""

    client: AgentClient

    async def read[A: _Answer](self, kind: type[A], path: str, **query: str | None) -> A:
        """Ask once. Raises a `PageError`."""
        told = urlencode({name: value for name, value in query.items() if value is not None})
        try:
            return kind.model_validate(await self.client.get(f"{path}?{told}" if told else path))
        except CallFailed as failed:
            raise _page_error(failed) from failed
        except ValidationError as error:
            raise Faulty("agent_answered_otherwise") from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("agent_unavailable") from error


@dataclass(frozen=True, slots=True)
class PeopleCalls:
    """Who acts for the organisation."""

    calls: Calls

    async def me(self) -> Me:
        """What the person may do. Raises `NotPermitted` where nobody knows them."""
        return await self.calls.read(Me, "/me")


@dataclass(frozen=True, slots=True)
class PassportCalls:
    """The issuer's passports."""

    calls: Calls

    async def page(
        self, *, state: PassportState | None = None, cursor: str | None = None, limit: int = 25
    ) -> PassportPage:
        """The newest first."""
        return await self.calls.read(PassportPage, "/passports", state=state, cursor=cursor, limit=str(limit))


@dataclass(frozen=True, slots=True)
class ReviewCalls:
    """The verifier's reviews."""

    calls: Calls

    async def page(self, *, state: ReviewState | None = None, limit: int = 25) -> ReviewPage:
        """The newest first."""
        return await self.calls.read(ReviewPage, "/reviews", state=state, limit=str(limit))


@dataclass(frozen=True, slots=True)
class TaskCalls:
    """What HR has to look at."""

    calls: Calls

    async def open(self, *, limit: int = 25) -> TaskPage:
        """Those that are open, the newest first."""
        return await self.calls.read(TaskPage, "/tasks", state="open", limit=str(limit))


@dataclass(frozen=True, slots=True)
class Agents:
    """The ways to the agents of all organisations that the settings name."""

    session: aiohttp.ClientSession
    key: PortalKey
    organisations: Mapping[str, Organisation]

    @classmethod
    def of(cls, settings: Settings, session: aiohttp.ClientSession) -> "Agents":
        """As the settings say."""
        private = load_pem_private_key(settings.signing.key.get_secret_value().encode(), None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("the settings let no other key through")
        return cls(session, PortalKey(settings.signing.id, private), settings.organisations)

    def calls(self, organisation: str, session: Session) -> Calls:
        """For whoever is signed in. Raises `NotFound` for an organisation that the settings do not name."""
        known = self.organisations.get(organisation)
        if known is None:
            raise NotFound("organisation_not_configured")
        client = AgentClient(
            self.session,
            str(known.agent).rstrip("/"),
            _secret(known.api_key) or "",
            organisation,
            self.key,
            session.email,
            _secret(known.token),
            max(0, int(time.time() - session.proof.at.timestamp())),
            session.proof.assurance,
        )
        return Calls(client)


def _secret(told: Any) -> str | None:  # noqa: ANN401  # pydantic's secret, or nothing
    return None if told is None else str(told.get_secret_value())


def _page_error(failed: CallFailed) -> PageError:
    """What an agent's problem means for a page."""
    code, said = failed.code or "agent_problem", _sentences(failed.problem)
    if failed.status == HTTPStatus.FORBIDDEN and code == "session_ended":
        return NotSignedIn(code)
    kind = _PAGE_ERRORS.get(failed.status, Faulty)
    # Of a 401 the person can mend nothing: it is our own key that the agent does not take.
    return kind(code, said if kind is not Faulty else ())


_PAGE_ERRORS: dict[int, type[PageError]] = {
    HTTPStatus.FORBIDDEN: NotPermitted,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Refused,
    HTTPStatus.UNPROCESSABLE_CONTENT: CannotBeRead,
    HTTPStatus.TOO_MANY_REQUESTS: TooOften,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}


def _sentences(problem: Mapping[str, Any]) -> tuple[str, ...]:
    """Every broken rule's own sentence, or else the problem's."""
    refusals = problem.get("refusals") or ()
    sentences = tuple(str(each["sentence"]) for each in refusals if "sentence" in each)
    detail = problem.get("detail")
    return sentences or ((str(detail),) if detail else ())
