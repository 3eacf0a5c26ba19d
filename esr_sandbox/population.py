"""Everyone of one VPD as they are at the start: the cast, and those who are invented beside them."""

from collections.abc import Iterator
from datetime import date

from esr_sandbox import generator
from esr_sandbox.cast import cast
from esr_sandbox.dataset import VpdState
from esr_sandbox.establishment import Establishment
from esr_sandbox.records import StaffMember


def population(
    seed: int, vpd: str, *, people: int, today: date, shared_with: str | None
) -> Iterator[StaffMember]:
    """Yield the cast of `vpd`, and then `people` more."""
    yield from (persona.member for persona in cast(today) if persona.vpd == vpd)
    yield from generator.members(seed, vpd, people, today, shared_with)


def cast_size(vpd: str, today: date) -> int:
    """Count the cast of a VPD."""
    return sum(persona.vpd == vpd for persona in cast(today))


def state_at_the_start(vpd: str, people: int) -> VpdState:
    """Return where a VPD begins that has `people` beside the cast; its full file is number 1."""
    return VpdState(establishment=Establishment.of(vpd), next_index=people)
