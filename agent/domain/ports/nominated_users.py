"""Who may act for an organisation."""

from abc import ABC, abstractmethod
from datetime import datetime

from agent.domain.actors import Actor
from agent.domain.second_person import Asker

NOT_NOMINATED = "not_nominated"
"""The code for somebody whom the organisation does not know."""


class NominatedUsers(ABC):
    """The people whom an organisation has nominated, as they stand now."""

    @abstractmethod
    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        """The user who signs in with this id; `signed_in_at` when they act themselves, now.

        Raises `NotPermitted` when they are unknown, have not taken up their invitation, are suspended or
        removed, or signed in before all that they had open was ended.
        """

    @abstractmethod
    async def asker(self, user_id: str | None, person: str | None) -> Asker | None:
        """Who asked for something earlier, whatever became of them since; None when nobody did."""
