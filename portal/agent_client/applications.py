"""The operator's applications: organisations that were invited, and what was decided on each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from agent.domain.registration import Capacity
from portal.agent_client.calls import Answer, Calls
from portal.agent_client.paths import segment
from portal.agent_client.registration import Details, Nomination, Succession

ApplicationId = NewType("ApplicationId", str)


class ApplicationState(StrEnum):
    """Where an organisation's application stands, as the operator's agent says it."""

    INVITED = "invited"
    CONNECTED = "connected"
    RECEIVED = "received"
    APPROVED = "approved"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"


class Decision(StrEnum):
    """What is decided on one, by the last word of its route."""

    APPROVAL = "approval"
    REFUSAL = "refusal"
    CLOSURE = "closure"
    SUSPENSION = "suspension"
    RESTORATION_REQUEST = "restoration-request"
    RESTORATION = "restoration"


class Registrant(Answer):
    """Who registers the organisation."""

    name: str
    email: str
    capacity: Capacity
    nomination: Nomination | None = None


class Told(Answer):
    """What the organisation said of itself."""

    details: Details
    registrant: Registrant
    email_proven_at: datetime
    submitted_at: datetime


class CallBack(Answer):
    """How it was checked that the organisation itself applies."""

    number: str
    number_from: str
    spoke_to: str
    confirmed: bool
    by: str
    at: datetime


class Application(Answer):
    """One organisation's."""

    id: ApplicationId
    ods_code: str
    state: ApplicationState
    invited_by: str
    invited_at: datetime
    invitation_expires_at: datetime
    comparison_code: str | None
    application: Told | None
    received_at: datetime | None
    call_back: CallBack | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    succession: Succession | None
    restore_asked_by: str | None
    restore_asked_at: datetime | None
    did: str | None


class ApplicationPage(Answer):
    """A page of applications, and where the next one begins."""

    applications: tuple[Application, ...]
    next: str | None = None


class Invitation(Answer):
    """The link that an organisation is given."""

    url: str


class Kept(Answer):
    """One thing that was kept as evidence."""

    kind: str
    kept_at: datetime


class Evidence(Answer):
    """Everything that was kept of one application, oldest first."""

    evidence: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class ApplicationCalls:
    """The operator's applications."""

    calls: Calls

    async def page(
        self, *, state: ApplicationState | None = None, cursor: str | None = None, limit: int = 25
    ) -> ApplicationPage:
        """The newest first."""
        return await self.calls.read(
            ApplicationPage, "/applications", state=state, cursor=cursor, limit=str(limit)
        )

    async def invite(self, ods_code: str, *, key: str) -> Application:
        """Make an invitation for one organisation. Raises `Refused`, `CannotBeRead`."""
        return await self.calls.act(Application, "/applications", {"ods_code": ods_code}, key=key)

    async def application(self, application: ApplicationId) -> Application:
        """One of them. Raises `NotFound`."""
        return await self.calls.read(Application, f"/applications/{segment(application)}")

    async def invitation(self, application: ApplicationId) -> Invitation:
        """Its link. Raises `NotFound` once nobody can take it up any more."""
        return await self.calls.read(Invitation, f"/applications/{segment(application)}/invitation")

    async def evidence(self, application: ApplicationId) -> Evidence:
        """What was kept of it."""
        return await self.calls.read(Evidence, f"/applications/{segment(application)}/evidence")

    async def call_back(
        self, application: ApplicationId, said: Mapping[str, Any], *, key: str
    ) -> Application:
        """Record who was called, and compare the code. Raises `Refused`, `CannotBeRead`."""
        return await self._act(application, "call-back", said, key)

    async def decide(
        self, decision: Decision, application: ApplicationId, reason: str | None, *, key: str
    ) -> Application:
        """Decide, with a reason where there is one. Raises `Refused`."""
        said = None if reason is None else {"reason": reason}
        return await self._act(application, str(decision), said, key)

    async def _act(
        self, application: ApplicationId, step: str, said: Mapping[str, Any] | None, key: str
    ) -> Application:
        return await self.calls.act(
            Application, f"/applications/{segment(application)}/{step}", said, key=key
        )
