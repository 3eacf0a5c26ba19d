"""Whole outbound files, and what of one state of a VPD is different in the next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from esr_sandbox.establishment import Establishment
from esr_sandbox.layout import SEPARATOR, Entry
from esr_sandbox.outbound import department_entry, entries, stamp
from esr_sandbox.records import StaffMember

type FileKind = Literal["F", "D"]
type Encoding = Literal["utf-8", "windows-1252"]


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """One file: of which VPD, a full one or a delta, and which in their order."""

    vpd: str
    kind: FileKind
    sequence: int
    produced_at: datetime

    @property
    def name(self) -> str:
        """Name the file as ESR does."""
        return f"GO_{self.vpd}_{self.kind}_{self.produced_at:%Y%m%d}_{self.sequence:08d}.DAT"

    def lines(self, records: Iterable[str]) -> Iterator[str]:
        """Put the header before `records`, and after them how many they were."""
        yield SEPARATOR.join(["HDR", self.vpd, self.kind, stamp(self.produced_at), f"{self.sequence:08d}"])
        count = 0
        for count, record in enumerate(records, start=1):  # noqa: B007  # counted as they pass
            yield record
        yield f"TRL{SEPARATOR}{count}"


@dataclass(frozen=True, slots=True)
class Turn:
    """From one state of a VPD's departments to the next."""

    was: Establishment
    now: Establishment

    def departments(self) -> Iterator[str]:
        """Write what became of departments."""
        yield from _difference(
            [department_entry(each) for each in self.was.departments],
            [department_entry(each) for each in self.now.departments],
        )

    def member(self, before: StaffMember | None, after: StaffMember | None) -> Iterator[str]:
        """Write what became of one member of staff; None is nobody."""
        yield from _difference(_entries(before, self.was), _entries(after, self.now))

    def stamped(self, before: StaffMember | None, after: StaffMember, at: str) -> StaffMember:
        """Mark every record that is another one than before as changed at `at`."""
        known = {each.key: each for each in _entries(before, self.was)}
        changed = {each.key: at for each in _entries(after, self.now) if known.get(each.key) != each}
        return after.model_copy(update={"stamps": {**after.stamps, **changed}}) if changed else after


def full(members: Iterable[StaffMember], establishment: Establishment) -> Iterator[str]:
    """Write the lines of everybody."""
    for department in establishment.departments:
        yield from department_entry(department).updates()
    for member in members:
        for entry in entries(member, establishment):
            yield from entry.updates()


def _entries(member: StaffMember | None, establishment: Establishment) -> list[Entry]:
    return [] if member is None else list(entries(member, establishment))


def _difference(was: list[Entry], now: list[Entry]) -> Iterator[str]:
    known = {each.key: each for each in was}
    staying = {each.key for each in now}
    yield from (each.delete() for each in was if each.key not in staying)
    for each in now:
        before = known.get(each.key)
        if before == each:
            continue
        if before is not None and before.starts - each.starts:
            # A slice is gone, and there is no line that says so: the record begins anew.
            yield each.delete()
        yield from each.updates()
