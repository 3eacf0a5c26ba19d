"""The sandbox's own files: everyone of each VPD, one member of staff a line, and where they have got to."""

import json
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from esr_sandbox.establishment import Establishment
from esr_sandbox.files import Encoding
from esr_sandbox.records import Record, StaffMember

_MANIFEST = "dataset.json"


class NoDataset(Exception):
    """There is no dataset in the folder, or it cannot be read."""


class VpdState(Record):
    """Where one VPD has got to."""

    establishment: Establishment
    next_index: int = Field(ge=0)
    """Whoever is hired next gets this one; numbers are never given twice."""
    sequence: int = Field(default=1, ge=1)
    """Of the last outbound file."""

    @property
    def vpd(self) -> str:
        """Which VPD it is."""
        return self.establishment.vpd


class Manifest(Record):
    """How the people came to be, and how many months have passed since."""

    seed: int
    invented_on: date
    months: int = Field(default=0, ge=0)
    encoding: Encoding = "utf-8"
    vpds: tuple[VpdState, ...] = Field(min_length=1)

    @property
    def today(self) -> date:
        """Return the day on which the people are as they stand in the dataset."""
        return months_after(self.invented_on, self.months)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from the dataset in `folder`; raises `NoDataset`."""
        try:
            return cls.model_validate_json((folder / _MANIFEST).read_bytes())
        except OSError as failure:
            raise NoDataset(f"{folder}: there is no dataset: {failure.strerror}") from failure
        except ValidationError as failure:
            raise NoDataset(f"{folder / _MANIFEST}: is no dataset of this release") from failure

    def write(self, folder: Path) -> None:
        """Write it, last of all: without it there is no dataset."""
        (folder / _MANIFEST).write_text(self.model_dump_json(indent=1, by_alias=True), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Identity:
    """By what somebody is found."""

    employee_number: str
    date_of_birth: date
    ni_number: str

    @classmethod
    def of(cls, member: StaffMember) -> Self:
        """Return by what `member` is found."""
        person = member.person
        return cls(person.employee_number, person.date_of_birth, person.ni_number)


class StoredStaff(Mapping[str, StaffMember]):
    """One VPD of a dataset, by employee number; each is read when they are asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self.identities: list[Identity] = []
        at = 0
        with file.open("rb") as lines:
            for line in lines:
                person = json.loads(line)["person"]
                number = person["employeeNumber"]
                born = date.fromisoformat(person["dateOfBirth"])
                self.identities.append(Identity(number, born, person["niNumber"]))
                self._places[number] = (at, len(line))
                at += len(line)

    def __getitem__(self, number: str) -> StaffMember:
        at, length = self._places[number]
        with self._file.open("rb") as lines:
            lines.seek(at)
            return StaffMember.model_validate_json(lines.read(length))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def people_file(folder: Path, vpd: str) -> Path:
    """Return where the people of a VPD are."""
    return folder / f"{vpd}.jsonl"


def stored(folder: Path, vpd: str) -> Iterator[StaffMember]:
    """Read everyone of a VPD, one after the other."""
    with people_file(folder, vpd).open("rb") as lines:
        for line in lines:
            yield StaffMember.model_validate_json(line)


@contextmanager
def writing(folder: Path, vpd: str) -> Iterator[Callable[[StaffMember], None]]:
    """Give what writes a member of staff of a VPD, each on a line."""
    with people_file(folder, vpd).open("w", encoding="utf-8", newline="\n") as file:

        def write(member: StaffMember) -> None:
            file.write(member.model_dump_json(by_alias=True, exclude_unset=True) + "\n")

        yield write


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
