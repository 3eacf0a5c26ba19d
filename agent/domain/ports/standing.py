"""Whether the organisation as such may do something now, whoever acts for it."""

from abc import ABC, abstractmethod
from datetime import date
from enum import StrEnum


class Use(StrEnum):
    """What an organisation needs a good standing for."""

    ISSUING = "issuing"
    ESR = "esr"


class OrganisationStanding(ABC):
    """How this organisation stands with the operator, its terms, and its own steps."""

    @abstractmethod
    async def require(self, use: Use) -> None:
        """Raise `PolicyRefused` naming every reason why the organisation may not do this now."""

    @abstractmethod
    async def credentials_until(self) -> date | None:
        """The last day on which this organisation's credentials count; None while there is no such day."""
