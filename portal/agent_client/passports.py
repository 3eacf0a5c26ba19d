"""The issuer's passports."""

from dataclasses import dataclass
from datetime import datetime

from agent.domain.passport import PassportId, PassportState
from portal.agent_client.calls import Answer, Calls


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


@dataclass(frozen=True, slots=True)
class PassportCalls:
    """The issuer's passports."""

    calls: Calls

    async def page(
        self, *, state: PassportState | None = None, cursor: str | None = None, limit: int = 25
    ) -> PassportPage:
        """The newest first."""
        return await self.calls.read(PassportPage, "/passports", state=state, cursor=cursor, limit=str(limit))
