"""The issuer's passports, and their credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from agent.domain.credentials import CredentialState, CredentialType, RevocationReason
from agent.domain.passport import ConfirmationMethod, PassportId, PassportState
from portal.agent_client.calls import Answer, Calls
from portal.agent_client.esr import AnsweredRefusal

MOST = 200
"""Credentials of one passport that are asked for: many times what any has."""


class Passport(Answer):
    """One person's passport, as a list shows it."""

    id: PassportId
    state: PassportState
    holder_name: str
    assignment_number: str
    created_at: datetime


class PassportPage(Answer):
    """A page of passports, and where the next one begins."""

    passports: tuple[Passport, ...]
    next: str | None = None


class PassportDetails(Passport):
    """One person's passport, with who did what for it."""

    created_by: str
    invitation_expires_at: datetime
    wrong_codes: int
    confirmation: ConfirmationMethod | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    ended_for: str | None


class Credential(Answer):
    """One credential of a passport; what it says is with its holder."""

    id: str
    type: CredentialType
    state: CredentialState
    suspended: bool
    reason: str | None
    comment: str | None
    offered_by: str
    offered_at: datetime
    changed_at: datetime
    expires_at: datetime | None


class Credentials(Answer):
    """Those of one passport, the oldest first."""

    credentials: tuple[Credential, ...]


class Invitation(Answer):
    """The invitation, as a link and as a picture that phones read."""

    url: str
    qr_svg: str


class OneTimeCode(Answer):
    """What the person has to type; it is told this once."""

    code: str
    expires_at: datetime


class PreviewedClaim(Answer):
    """One thing that a credential would say; `type` is string, date or boolean."""

    label: str
    type: str
    value: str


class PreviewedCredential(Answer):
    """What one credential would say."""

    type: CredentialType
    title: str
    claims: tuple[PreviewedClaim, ...]


class Preview(Answer):
    """What a passport would say, and why it could not be offered today."""

    credentials: tuple[PreviewedCredential, ...]
    refusals: tuple[AnsweredRefusal, ...]


class PassportCounts(Answer):
    """How many there are in each state."""

    states: dict[str, int]

    def of(self, state: PassportState) -> int:
        """Agents may be older or newer than we are."""
        return self.states.get(state, 0)


class PassportKinds(Answer):
    """What a list can be narrowed to."""

    staff_groups: tuple[str, ...]
    employment_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassportCalls:
    """The issuer's passports."""

    calls: Calls

    async def page(self, wanted: Mapping[str, str], *, limit: int = 25) -> PassportPage:
        """The newest first, of those that the agent's own filters let through."""
        return await self.calls.read(PassportPage, "/passports", **wanted, limit=str(limit))

    async def kinds(self) -> PassportKinds:
        """What there is to narrow a list to."""
        return await self.calls.read(PassportKinds, "/passports/kinds")

    async def one(self, passport: str) -> PassportDetails:
        """One of them."""
        return await self.calls.read(PassportDetails, f"/passports/{passport}")

    async def credentials(self, passport: str) -> Credentials:
        """What was offered for it, whatever became of that."""
        return await self.calls.read(Credentials, f"/passports/{passport}/credentials", limit=str(MOST))

    async def preview(self, search: str, assignment: str) -> Preview:
        """What one would say that is not made yet: read anew each time, for nothing is done."""
        said = {"search": search, "assignment_number": assignment}
        return await self.calls.act(Preview, "/passport-previews", said, key=str(uuid4()))

    async def create(self, search: str, assignment: str, *, key: str) -> Passport:
        """Make one, and its invitation."""
        said = {"search": search, "assignment_number": assignment}
        return await self.calls.act(Passport, "/passports", said, key=key)

    async def invitation(self, passport: str) -> Invitation:
        """Its invitation, while nobody has taken it up. Raises `NotFound` afterwards."""
        return await self.calls.read(Invitation, f"/passports/{passport}/invitation")

    async def compare_code(self, passport: str, code: str, *, key: str) -> Passport:
        """Confirm the connection by what the person read out."""
        said = {"code": code}
        return await self.calls.act(Passport, f"/passports/{passport}/compared-code", said, key=key)

    async def one_time_code(self, passport: str, *, key: str) -> OneTimeCode:
        """Make a code for the person to type, in place of any earlier one."""
        return await self.calls.act(OneTimeCode, f"/passports/{passport}/one-time-code", key=key)

    async def offer(self, passport: str, *, key: str) -> Credentials:
        """Offer every credential that it does not have."""
        return await self.calls.act(Credentials, f"/passports/{passport}/offers", key=key)

    async def end(self, passport: str, reason: RevocationReason, *, key: str) -> Passport:
        """Take all of it back, and end it."""
        return await self.calls.act(
            Passport, f"/passports/{passport}/deactivation", {"reason": reason}, key=key
        )


@dataclass(frozen=True, slots=True)
class CredentialCalls:
    """Single credentials."""

    calls: Calls

    async def revoke(self, credential: str, reason: RevocationReason, *, key: str) -> Credential:
        """Take one back, for good."""
        path = f"/credentials/{credential}/revocation"
        return await self.calls.act(Credential, path, {"reason": reason}, key=key)

    async def suspend(self, credential: str, *, key: str) -> Credential:
        """Have one not count, until it is reinstated."""
        return await self.calls.act(Credential, f"/credentials/{credential}/suspension", key=key)

    async def reinstate(self, credential: str, *, key: str) -> Credential:
        """Have one count again."""
        return await self.calls.act(Credential, f"/credentials/{credential}/reinstatement", key=key)
