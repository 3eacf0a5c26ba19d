"""How the organisation is registered, and that it is active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.domain.registration import Capacity, RegistrationState
from portal.agent_client.calls import Answer, Calls


class Left(Answer):
    """A step that is left, and who can take it."""

    code: str
    sentence: str
    mended_by: str | None = None


class Contact(Answer):
    """Whom the operator may call."""

    name: str = ""
    email: str = ""
    phone: str = ""


class Details(Answer):
    """What the organisation says of itself."""

    ods_code: str
    name: str
    vpd: str | None = None
    region: str
    email_domains: tuple[str, ...]
    contact: Contact = Contact()


class Nomination(Answer):
    """With what the director nominated the deputy who registers."""

    director_name: str
    director_email: str
    nominated_on: date
    reference: str


class Succession(Answer):
    """Who takes the organisation's place."""

    successor: str
    on: date
    credentials_until: date


class Registration(Answer):
    """How it stands."""

    state: RegistrationState
    active: bool
    missing: tuple[Left, ...]
    details: Details | None
    registrant: str | None
    capacity: Capacity | None
    nomination: Nomination | None
    email_proven_at: datetime | None
    comparison_code: str | None
    submitted_at: datetime | None
    status_at: datetime | None
    reason: str | None
    succession: Succession | None
    activated_by: str | None
    activated_at: datetime | None
    trust_requested_at: datetime | None
    trust_request_taken_at: datetime | None


class Organisation(Answer):
    """For whom the agent speaks."""

    ods_code: str
    name: str
    vpd: str | None
    did: str | None


@dataclass(frozen=True, slots=True)
class RegistrationCalls:
    """How the organisation is registered, and that it is active."""

    calls: Calls

    async def organisation(self) -> Organisation:
        """For whom the agent speaks."""
        return await self.calls.read(Organisation, "/organisation")

    async def registration(self) -> Registration:
        """How it stands."""
        return await self.calls.read(Registration, "/organisation/registration")

    async def describe(self, said: Mapping[str, Any], *, key: str) -> Registration:
        """Say who the organisation is. Raises `Refused`, `CannotBeRead`."""
        return await self._act("", said, key=key)

    async def ask_for_email_proof(self, *, key: str) -> Registration:
        """Have a link sent to whoever asks. Raises `Refused`."""
        return await self._act("/email-proof", key=key)

    async def email_proven(self, token: str, *, key: str) -> Registration:
        """Show that the link was read. Raises `NotFound`."""
        return await self._act("/email-proven", {"token": token}, key=key)

    async def connect(self, invitation: str, *, key: str) -> Registration:
        """Take up the operator's invitation. Raises `Refused`, `CannotBeRead`."""
        return await self._act("/operator", {"invitation": invitation}, key=key)

    async def submit(self, *, key: str) -> Registration:
        """Send it to the operator. Raises `Refused`."""
        return await self._act("/submission", key=key)

    async def activate(self, *, key: str) -> Registration:
        """Begin to act. Raises `Refused`."""
        return await self.calls.act(Registration, "/organisation/activation", key=key)

    async def _act(self, step: str, said: Mapping[str, Any] | None = None, *, key: str) -> Registration:
        return await self.calls.act(Registration, f"/organisation/registration{step}", said, key=key)
