"""What an organisation chose for itself, and how long its records are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent.domain.credentials import CredentialType
from portal.agent_client.calls import Answer, Calls

CHANGED = "local_settings_changed"
"""The code for settings that somebody changed after they were read."""


class Days(Answer):
    """How many it is now, and when nothing is chosen; and what can be chosen."""

    value: int
    at_start: int
    least: int
    most: int


class Types(Answer):
    """Which it is now, and when nothing is chosen."""

    value: tuple[CredentialType, ...]
    at_start: tuple[CredentialType, ...]


class Hours(Answer):
    """How many it is now, and when nothing is chosen; and what can be chosen."""

    value: int
    at_start: int
    possible: tuple[int, ...]


class LocalSettings(Answer):
    """All of it; days are None for a kind to which the organisation does not invite."""

    passport_invitation_days: Days | None
    review_invitation_days: Days | None
    usual_types: Types
    usual_wait_hours: Hours
    version: int
    changed_by: str | None
    changed_at: datetime | None


class KeptRecords(Answer):
    """One kind of record, and how long it is kept."""

    category: str
    what: str
    counted_from: str
    kept_for: timedelta


class Retention(Answer):
    """Every kind."""

    categories: tuple[KeptRecords, ...]


@dataclass(frozen=True, slots=True)
class LocalSettingsCalls:
    """What an organisation chose for itself."""

    calls: Calls

    async def current(self) -> LocalSettings:
        """What is gone by now."""
        return await self.calls.read(LocalSettings, "/local-settings")

    async def change(self, said: Mapping[str, Any], *, key: str) -> LocalSettings:
        """Change them. Raises `CannotBeRead`, and `Refused` if somebody else did since they were read."""
        return await self.calls.act(LocalSettings, "/local-settings", said, key=key)

    async def retention(self) -> Retention:
        """How long records are kept, which is set where the agent is installed."""
        return await self.calls.read(Retention, "/retention")
