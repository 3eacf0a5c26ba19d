"""Lets a month pass for one VPD, wherever its people are kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from esr_sandbox.dataset import VpdState, months_after
from esr_sandbox.establishment import Establishment, in_renamed
from esr_sandbox.files import Turn
from esr_sandbox.months import Month
from esr_sandbox.outbound import stamp
from esr_sandbox.records import StaffMember

_NIGHT = time(2)
_MORNING = time(3)


@dataclass(frozen=True, slots=True)
class Change:
    """One member of staff before and after; None is nobody."""

    before: StaffMember | None
    after: StaffMember | None


class Passing:
    """The month after `months` others, for the VPD of `state`."""

    def __init__(self, seed: int, state: VpdState, invented_on: date, months: int) -> None:
        before, self.today = months_after(invented_on, months), months_after(invented_on, months + 1)
        self._month = Month(seed, state.vpd, months + 1, before, self.today)
        self._before = state
        self._at = stamp(datetime.combine(self.today, _NIGHT))
        self._renamed = self._month.renamed_department(state.establishment)
        self.establishment = self._reorganised(state.establishment)
        self.turn = Turn(state.establishment, self.establishment)
        self._hired = 0

    @property
    def produced_at(self) -> datetime:
        """Say when ESR writes what was different."""
        return datetime.combine(self.today, _MORNING)

    @property
    def state(self) -> VpdState:
        """Return where the VPD has got to, once every change was taken."""
        changes = {
            "establishment": self.establishment,
            "next_index": self._before.next_index + self._hired,
            "sequence": self._before.sequence + 1,
        }
        return self._before.model_copy(update=changes)

    def changes(self, members: Iterable[StaffMember]) -> Iterator[Change]:
        """Yield everyone, changed or not, in their order, and then who was hired."""
        for member in members:
            yield Change(member, self._lived(member))
        for hired in self._month.hires(self._before):
            self._hired += 1
            member = self.establishment.as_called_now(hired)
            yield Change(None, self.turn.stamped(None, member, self._at))

    def _lived(self, member: StaffMember) -> StaffMember | None:
        after = self._month.lived(member)
        if after is not None and after is not member:
            after = self.establishment.as_called_now(after)
        if after is not None and self._renamed is not None:
            after = in_renamed(after, *self._renamed)
        return after if after is None or after is member else self.turn.stamped(member, after, self._at)

    def _reorganised(self, establishment: Establishment) -> Establishment:
        return establishment.renamed(*self._renamed, self._at) if self._renamed else establishment
