"""The departments of one VPD: what the outbound file calls organisations."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Self

from esr_sandbox.posts import every_post
from esr_sandbox.records import Assignment, Record, StaffMember

_FIRST = 100
_SINCE = date(2006, 4, 1)


class Department(Record):
    """A department keeps its identifier when it is renamed."""

    organisation_id: str
    name: str
    first_name: str
    """What it was called at first, which is what our posts call it."""
    effective_from: date = _SINCE
    stamp: str = ""


class Establishment(Record):
    """Every department of a VPD, in the order in which they came to be."""

    vpd: str
    departments: tuple[Department, ...]

    @classmethod
    def of(cls, vpd: str) -> Self:
        """Return the departments with which every VPD begins."""
        names = sorted({post.department for post in every_post()})
        return cls(vpd=vpd, departments=()).with_names(names, "", _SINCE)

    def with_names(self, names: Iterable[str], stamp: str, since: date) -> Self:
        """Add a department for each name that is not known yet."""
        known = {each.name for each in self.departments}
        new = [name for name in dict.fromkeys(names) if name not in known]
        first = _FIRST + len(self.departments)
        added = tuple(
            Department(
                organisation_id=f"{self.vpd}{first + at}",
                name=name,
                first_name=name,
                effective_from=since,
                stamp=stamp,
            )
            for at, name in enumerate(new)
        )
        return self.model_copy(update={"departments": self.departments + added}) if added else self

    def renamed(self, old: str, new: str, stamp: str) -> Self:
        """Call a department otherwise."""
        change = {"name": new, "stamp": stamp}
        departments = tuple(e.model_copy(update=change) if e.name == old else e for e in self.departments)
        return self.model_copy(update={"departments": departments})

    def as_called_now(self, member: StaffMember) -> StaffMember:
        """Let `member` be in departments as they are called now, not as they were at first."""
        for each in self.departments:
            if each.first_name != each.name and each.first_name not in {e.name for e in self.departments}:
                member = in_renamed(member, each.first_name, each.name)
        return member


def departments_of(member: StaffMember) -> Iterator[str]:
    """Name the departments in which somebody works, has worked or will."""
    for each in (*member.assignments, *member.assignment_slices):
        yield each.organisation


def in_renamed(member: StaffMember, old: str, new: str) -> StaffMember:
    """Let the assignments of `member` be in the department as it is called now."""
    if old not in departments_of(member):
        return member
    return member.model_copy(
        update={
            "assignments": _renamed(member.assignments, old, new),
            "assignment_slices": _renamed(member.assignment_slices, old, new),
        }
    )


def _renamed(assignments: tuple[Assignment, ...], old: str, new: str) -> tuple[Assignment, ...]:
    change = {"organisation": new}
    return tuple(each.model_copy(update=change) if each.organisation == old else each for each in assignments)
