"""The questions that are put to ESR; over which wire is for others to say."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin.mapping import Json


class Esr(ABC):
    """What is asked of one organisation's ESR. Answers are JSON as ESR gave it, for `mapping` to read.

    Every question raises `Unavailable` when ESR does not answer, and those about a person `NotFound`.
    """

    @abstractmethod
    async def candidates(self, search: Mapping[str, str]) -> Json:
        """Who could be the person sought."""

    @abstractmethod
    async def person(self, number: EmployeeNumber) -> Json:
        """One person."""

    @abstractmethod
    async def assignments(self, number: EmployeeNumber) -> Json:
        """One person's assignments."""

    @abstractmethod
    async def checks(self, number: EmployeeNumber) -> Json:
        """One person's employment checks."""

    @abstractmethod
    async def user_access(self, number: EmployeeNumber) -> Json:
        """What one member of staff may do in ESR itself."""
