"""The terms: their texts, and who accepted them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from agent.domain.registration import Capacity
from portal.agent_client.calls import Answer, Calls
from portal.agent_client.paths import segment


class TermsKind(StrEnum):
    """Which set."""

    PASSPORT = "passport"
    ESR = "esr"


class TermsState(Answer):
    """How the organisation stands with one set; `accept_by` is None while there is nothing to accept."""

    kind: TermsKind
    current: str
    title: str
    published: date
    digest: str
    holds: bool
    accept_by: date | None
    accepted_version: str | None


class Acceptance(Answer):
    """Who accepted which version, when."""

    terms: TermsKind
    version: str
    digest: str
    accepted_by: str
    name: str
    capacity: Capacity
    accepted_at: datetime


class TermsOverview(Answer):
    """Both sets, and everything that was ever accepted, oldest first."""

    terms: tuple[TermsState, ...]
    acceptances: tuple[Acceptance, ...]

    def newest(self, kind: TermsKind) -> Acceptance | None:
        """What was accepted last of one set."""
        return next((each for each in reversed(self.acceptances) if each.terms is kind), None)


class TermsText(Answer):
    """One version."""

    kind: TermsKind
    version: str
    title: str
    published: date
    accept_by: date
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class TermsCalls:
    """The terms."""

    calls: Calls

    async def overview(self) -> TermsOverview:
        """How the organisation stands with both."""
        return await self.calls.read(TermsOverview, "/terms")

    async def current(self, kind: TermsKind) -> TermsText:
        """The text that counts now."""
        return await self.calls.read(TermsText, f"/terms/{kind}/current")

    async def version(self, kind: TermsKind, version: str) -> TermsText:
        """Another text. Raises `NotFound`."""
        return await self.calls.read(TermsText, f"/terms/{kind}/{segment(version)}")

    async def accept(self, kind: TermsKind, said: Mapping[str, Any], *, key: str) -> Acceptance:
        """Accept the text that was read, for the organisation. Raises `Refused` if there is a newer one."""
        return await self.calls.act(Acceptance, f"/terms/{kind}/acceptance", said, key=key)
