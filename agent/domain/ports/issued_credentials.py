"""What this organisation has issued that still holds."""

from abc import ABC, abstractmethod
from datetime import datetime


class IssuedCredentials(ABC):
    """For whoever is about to take away what they are verified by."""

    @abstractmethod
    async def holding(self, since: datetime, until: datetime) -> int:
        """How many that still hold were offered or issued between these moments.

        Whatever their formats: one that went out in two formats is one.
        """
