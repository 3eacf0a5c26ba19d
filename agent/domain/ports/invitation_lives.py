"""How long invitations to wallets stay open: as the organisation chose, or else as was set at start."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from agent.domain.workforce import OdsCode


class Invited(StrEnum):
    """What somebody is invited to."""

    PASSPORT = "passport"
    REVIEW = "review"


class InvitationLives(ABC):
    """One organisation's."""

    @abstractmethod
    async def life(self, of: Invited) -> timedelta:
        """How long an invitation stays open that is made now; one that was made keeps its own end."""


@dataclass(slots=True)
class LivesAtStart:
    """What was set at start, for each organisation, by each plugin that invites."""

    _told: dict[Invited, Mapping[OdsCode, timedelta]] = field(default_factory=dict)

    def add(self, invited: Invited, lives: Mapping[OdsCode, timedelta]) -> None:
        """Say it of those organisations that have the plugin."""
        self._told[invited] = lives

    def of(self, organisation: OdsCode) -> Mapping[Invited, timedelta]:
        """One organisation's; nothing of a kind to which it does not invite."""
        return {
            invited: lives[organisation] for invited, lives in self._told.items() if organisation in lives
        }
