"""Who may act for an organisation."""

from abc import ABC, abstractmethod

from agent.domain.actors import Actor


class NominatedUsers(ABC):
    """The people and machines whom an organisation has nominated, as they stand now."""

    @abstractmethod
    async def actor(self, user_id: str) -> Actor:
        """The user with this id. Raises `NotPermitted` when unknown, suspended or removed."""
