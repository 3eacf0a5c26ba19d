"""Telling those who look after an organisation's users that they should look at something."""

from abc import ABC, abstractmethod
from enum import StrEnum


class Notice(StrEnum):
    """What they are told of."""

    SEARCHES = "searches"  # somebody's searches of the staff record missed again and again


class Administrators(ABC):
    """One organisation's local system administrators."""

    @abstractmethod
    async def tell(self, notice: Notice) -> None:
        """Have each of them told by e-mail, in the unit of work in hand."""
