"""What somebody sees first: how much there is of what they may read. Each plugin counts what is its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from agent.domain.actors import Permission


class Counted(ABC):
    """What one plugin counts for one organisation."""

    name: ClassVar[str]
    permission: ClassVar[Permission]
    """Of whoever may know the numbers."""

    @abstractmethod
    async def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many there are in each state; in the unit of work in hand, if there is one."""


@dataclass(frozen=True, slots=True)
class CountedKinds:
    """The capabilities that count, as each plugin adds its own."""

    _kinds: list[type[Counted]] = field(default_factory=list)

    def add(self, kind: type[Counted]) -> None:
        """Say that the injector knows one more."""
        self._kinds.append(kind)

    def __iter__(self) -> Iterator[type[Counted]]:
        return iter(self._kinds)
