"""The people of every VPD as they stand now, and how the operator of the sandbox changes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from esr_sandbox.cast import Persona, cast
from esr_sandbox.dataset import Manifest, StoredStaff, VpdState, months_after, people_file
from esr_sandbox.files import FileKind
from esr_sandbox.passing import Passing
from esr_sandbox.population import population, state_at_the_start
from esr_sandbox.records import Person, Search, StaffMember
from esr_sandbox.settings import Settings
from esr_sandbox.staff_list import StaffList

_NOON = time(12)


class UnknownRecord(Exception):
    """There is no such person, assignment or check in this VPD, or no such VPD."""


@dataclass(frozen=True, slots=True)
class Start:
    """How everyone is when the sandbox starts: on which day, and after how many months."""

    seed: int
    invented_on: date
    months: int
    vpds: tuple[tuple[VpdState, Mapping[str, StaffMember]], ...]

    @classmethod
    def invented(cls, settings: Settings, today: date) -> "Start":
        """Invent everyone as `settings` say."""
        first, people = settings.vpds[0], settings.people_per_vpd
        vpds = []
        for vpd in settings.vpds:
            shared = first if vpd != first else None
            members = population(settings.seed, vpd, people=people, today=today, shared_with=shared)
            by_number = {each.person.employee_number: each for each in members}
            vpds.append((state_at_the_start(vpd, people), by_number))
        return cls(settings.seed, today, 0, tuple(vpds))

    @classmethod
    def stored(cls, folder: Path) -> "Start":
        """Take everyone from a dataset; they are read when they are asked for. Raises `NoDataset`."""
        manifest = Manifest.read(folder)
        vpds = tuple((state, StoredStaff(people_file(folder, state.vpd))) for state in manifest.vpds)
        return cls(manifest.seed, manifest.invented_on, manifest.months, vpds)


class Directory:
    """Everyone, by VPD and employee number. `today` says which day it is when no month has passed."""

    def __init__(self, settings: Settings, today: Callable[[], date]) -> None:
        self._settings = settings
        self._clock = today
        self._stored = None if settings.dataset is None else Start.stored(settings.dataset)
        self.reset()

    def today(self) -> date:
        """Return the day on which the sandbox lives; months that were let pass come after the real one."""
        if self._stored is not None:
            return months_after(self._start.invented_on, self._months)
        return months_after(self._clock(), self._months)

    def reset(self) -> None:
        """Put everyone back to how they were at the start."""
        self._start = self._stored or Start.invented(self._settings, self._clock())
        self._months = self._start.months
        self._changes = 0
        self.personas: tuple[Persona, ...] = cast(self._start.invented_on)
        self._lists = {state.vpd: StaffList(members, state) for state, members in self._start.vpds}

    def put(self, vpd: str, member: StaffMember) -> None:
        """Keep `member` in place of what was known of them."""
        self._list(vpd).put(member, self._moment())

    def member(self, vpd: str, employee_number: str) -> StaffMember:
        """Find one person of a VPD. Raises `UnknownRecord`."""
        staff = self._lists.get(vpd)
        member = None if staff is None else staff.member(employee_number)
        if member is None:
            raise UnknownRecord("There is no such person in this VPD.")
        return member

    def candidates(self, vpd: str, search: Search) -> list[Person]:
        """Find everyone of a VPD who has the birthday, the NI number or the employee number sought."""
        return [member.person for member in self._lists[vpd].candidates(search)] if vpd in self._lists else []

    def members(self, vpd: str) -> list[StaffMember]:
        """List everyone of a VPD."""
        return list(self._lists.get(vpd, ()))

    def pass_month(self) -> list[tuple[str, str, str]]:
        """Let a month pass; return VPD, name and text of each delta file.

        Nobody is answered meanwhile, so nobody sees half a month.
        """
        start, months = self._start, self._months
        self._months += 1
        files = []
        for vpd, staff in self._lists.items():
            passing = Passing(start.seed, staff.state, start.invented_on, months)
            staff.pass_month(passing)
            files.append((vpd, *staff.outbound("D", passing.produced_at)))
        return files

    def outbound(self, vpd: str, kind: FileKind) -> tuple[str, str]:
        """Return name and text of a VPD's next outbound file. Raises `UnknownRecord`."""
        return self._list(vpd).outbound(kind, self._moment())

    def _list(self, vpd: str) -> StaffList:
        if (staff := self._lists.get(vpd)) is None:
            raise UnknownRecord("There is no such VPD.")
        return staff

    def _moment(self) -> datetime:
        """Return a moment of this day after every one before, so that of two changes one is the later."""
        self._changes += 1
        return datetime.combine(self.today(), _NOON) + timedelta(seconds=self._changes)
