"""Datasets on disk: invents one, and lets a month pass in one. Nothing is held but one member of staff."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Protocol

from esr_sandbox.dataset import Manifest, VpdState, stored, writing
from esr_sandbox.files import Encoding, OutboundFile, full
from esr_sandbox.passing import Change, Passing
from esr_sandbox.population import cast_size, population, state_at_the_start
from esr_sandbox.records import StaffMember

FIRST_VPD = 901
_MORNING = time(3)
_LINE_ENDS: dict[Encoding, str] = {"utf-8": "\n", "windows-1252": "\r\n"}


class FolderInUse(Exception):
    """There is something in the folder already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many people of how many VPDs are invented, and for which day."""

    people: int
    vpds: int
    seed: int
    on: date
    encoding: Encoding = "utf-8"

    def names(self) -> tuple[str, ...]:
        """Name the VPDs."""
        return tuple(f"{FIRST_VPD + at}" for at in range(self.vpds))

    def people_beside_the_cast(self, at: int) -> int:
        """Return how many of the VPD at this place are not of the cast, who are always there."""
        share = self.people // self.vpds + (at < self.people % self.vpds)
        return max(0, share - cast_size(self.names()[at], self.on))


class ForEach(Protocol):
    """How the VPDs are gone through, of which none needs another: `map`, or that of a pool of processes."""

    def __call__[A, B](self, work: Callable[[A], B], things: Iterable[A], /) -> Iterable[B]: ...


def generate(wanted: Wanted, folder: Path, for_each: ForEach = map) -> Manifest:
    """Write a dataset and a full outbound file for each VPD. Raises `FolderInUse`."""
    _prepare(folder)
    states = tuple(for_each(partial(_generate, wanted, folder), range(wanted.vpds)))
    manifest = Manifest(
        seed=wanted.seed, invented_on=wanted.on, months=0, encoding=wanted.encoding, vpds=states
    )
    manifest.write(folder)
    return manifest


def pass_month(source: Path, folder: Path, for_each: ForEach = map) -> Manifest:
    """Write what `source` is a month later, and a delta file for each VPD.

    Raises `NoDataset` and `FolderInUse`.
    """
    before = Manifest.read(source)
    _prepare(folder)
    states = tuple(for_each(partial(_pass_month, before, source, folder), before.vpds))
    after = before.model_copy(update={"months": before.months + 1, "vpds": states})
    after.write(folder)
    return after


def outbound_folder(folder: Path) -> Path:
    """Return where the outbound files of a dataset are."""
    return folder / "outbound"


def write_outbound(folder: Path, file: OutboundFile, records: Iterable[str], encoding: Encoding) -> None:
    """Write one outbound file; it has its name only when it is whole."""
    unfinished = folder / f".{file.name}"
    # A letter that Windows-1252 has not becomes a question mark, as it does in ESR.
    with unfinished.open("w", encoding=encoding, errors="replace", newline=_LINE_ENDS[encoding]) as written:
        written.writelines(f"{line}\n" for line in file.lines(records))
    unfinished.rename(folder / file.name)


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(f"{folder}: there is something in it already")
    outbound_folder(folder).mkdir(parents=True, exist_ok=True)


def _generate(wanted: Wanted, folder: Path, at: int) -> VpdState:
    names, people = wanted.names(), wanted.people_beside_the_cast(at)
    state = state_at_the_start(names[at], people)
    members = population(
        wanted.seed, state.vpd, people=people, today=wanted.on, shared_with=names[0] if at else None
    )
    records = full(_kept(members, folder, state.vpd), state.establishment)
    file = OutboundFile(state.vpd, "F", state.sequence, datetime.combine(wanted.on, _MORNING))
    write_outbound(outbound_folder(folder), file, records, wanted.encoding)
    return state


def _pass_month(before: Manifest, source: Path, folder: Path, state: VpdState) -> VpdState:
    passing = Passing(before.seed, state, before.invented_on, before.months)
    file = OutboundFile(state.vpd, "D", state.sequence + 1, passing.produced_at)
    changes = passing.changes(stored(source, state.vpd))
    write_outbound(
        outbound_folder(folder), file, _delta(passing, changes, folder, state.vpd), before.encoding
    )
    return passing.state


def _delta(passing: Passing, changes: Iterator[Change], folder: Path, vpd: str) -> Iterator[str]:
    """Yield what is different, and write on the way how everyone is afterwards."""
    yield from passing.turn.departments()
    with writing(folder, vpd) as write:
        for change in changes:
            if change.after is not None:
                write(change.after)
            if change.after is not change.before:
                yield from passing.turn.member(change.before, change.after)


def _kept(members: Iterable[StaffMember], folder: Path, vpd: str) -> Iterator[StaffMember]:
    """Write each of `members` to the dataset, and pass them on."""
    with writing(folder, vpd) as write:
        for member in members:
            write(member)
            yield member
