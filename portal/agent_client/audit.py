"""Who did what."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

from portal.agent_client.calls import Answer, Calls


class Entry(Answer):
    """One link of the chain: that somebody is about to do something, or what came of it."""

    sequence: int
    phase: str
    action: str
    actor: str
    outcome: str | None
    code: str | None
    at: datetime


class EntryPage(Answer):
    """A page of the chain, the oldest first, and after which entry the next one begins."""

    entries: tuple[Entry, ...]
    next: int | None = None


class ChainState(Answer):
    """How long the chain is, and how much of it was signed last."""

    entries: int
    signed: int | None = None
    signed_at: datetime | None = None


class Act(Answer):
    """Who did something with one thing, or saw it."""

    at: datetime
    actor: str
    action: str
    outcome: str | None


class Acts(Answer):
    """A page of it, the oldest first, and after which entry the next one begins."""

    acts: tuple[Act, ...]
    next: int | None = None


class Actions(Answer):
    """What the chain has entries of."""

    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditCalls:
    """One organisation's audit."""

    calls: Calls

    async def state(self) -> ChainState:
        """How far it was signed."""
        return await self.calls.read(ChainState, "/audit/state")

    async def entries(self, *, after: int, **wanted: str | None) -> EntryPage:
        """Those that are wanted. Raises `CannotBeRead`."""
        return await self.calls.read(EntryPage, "/audit/entries", after=str(after), limit="50", **wanted)

    def export(self, **wanted: str | None) -> AsyncGenerator[bytes]:
        """The chain as a file, as it comes."""
        return self.calls.file("/audit/export", **wanted)

    async def actions(self) -> Actions:
        """What can be looked for."""
        return await self.calls.read(Actions, "/audit/actions")

    async def acts(self, thing: str, *, after: int) -> Acts:
        """What was done with one thing, and who saw it. Raises `NotFound`."""
        return await self.calls.read(Acts, f"/audit/acts/{thing}", after=str(after), limit="50")
