"""Publishing what gives the terms of W3C credentials their meaning."""

from abc import ABC, abstractmethod
from typing import Any


class ContextPublisher(ABC):
    """Publishes JSON-LD contexts, as the operator alone may."""

    @abstractmethod
    async def publish(self, url: str, context: dict[str, Any]) -> None:
        """Publish `context` at `url`; again does no harm.

        Raises `Conflict` when another content stands there, `Unavailable` when the registry does not answer.
        """
