"""The issuer's passports."""

from collections.abc import Mapping
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

    async def counts(self) -> PassportCounts:
        """How many there are."""
        return await self.calls.read(PassportCounts, "/passports/counts")

    async def kinds(self) -> PassportKinds:
        """What there is to narrow a list to."""
        return await self.calls.read(PassportKinds, "/passports/kinds")
