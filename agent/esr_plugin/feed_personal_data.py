"""What is kept of staff out of outbound files: what credentials carry, and what changed about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import Organisation
from agent.esr_feed.layout import Kind
from agent.esr_plugin.feed_records import ChangeRow, FeedRow, SliceRow
from agent.store.engine import Store

_SOURCE = "as ESR has it, whose own export tells what it says"
STAFF, CHANGES = CategoryName.STAFF, CategoryName.STAFF_CHANGES
CATEGORIES = (
    Category(
        STAFF,
        "names, date of birth, assignments, outcomes of checks and registrations, as credentials carry them,"
        " and keyed hashes",
        "to see what changes about people who have a passport",
        "nobody",
        "the last day on which ESR has it",
        timedelta(days=1),
        ("esr.slices",),
    ),
    Category(
        CHANGES,
        "employee and assignment number, and what changed: of assignments and checks with what it was and is",
        "to have credentials say what is so",
        "nobody",
        "the day of the change",
        timedelta(days=180),
        ("esr.changes",),
    ),
)


class FeedPersonalData(PersonalData):
    """One organisation's."""

    def __init__(self, store: Store, organisation: Organisation, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._clock = clock

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:  # noqa: ARG002  # as the port has it
        """None: the audit knows imports, and nobody in them."""
        return frozenset()

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        if subject.employee_number is None:
            return ()
        async with self._store.unit(self._organisation) as session:
            slices = await session.scalars(
                select(SliceRow).where(self._slices_of(subject)).order_by(SliceRow.kind, SliceRow.starts)
            )
            changes = await session.scalars(
                select(ChangeRow).where(self._changes_of(subject)).order_by(ChangeRow.position)
            )
            return [*map(_held_slice, slices), *map(_held_change, changes)]

    async def require_erasable(self, subject: DataSubject) -> None:
        """Nothing rests on it."""

    async def erase(self, subject: DataSubject) -> int:
        """Erase it, unless they work here: without it nobody would hear that they left."""
        if subject.employee_number is None:
            return 0
        changes = await self._erase(ChangeRow, self._changes_of(subject))
        if await self._works_here(subject):
            return changes
        return changes + await self._erase(SliceRow, self._slices_of(subject))

    async def _works_here(self, subject: DataSubject) -> bool:
        row, today = SliceRow, london_day(self._clock())
        stays = row.ends.is_(None) | (row.ends >= today)
        query = select(row.record).where(self._slices_of(subject), row.kind == Kind.PERSON, stays)
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query.limit(1)) is not None

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        count = 0
        for table, over in self._over(category, before):
            query = select(func.count()).select_from(table).where(over)
            async with self._store.unit(self._organisation) as session:
                count += await session.scalar(query) or 0
        return count

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        return sum([await self._erase(table, over) for table, over in self._over(category, before)])

    async def _erase(self, table: type[SliceRow | ChangeRow], which: ColumnElement[bool]) -> int:
        async with self._store.unit(self._organisation) as session:
            gone = await session.execute(delete(table).where(which).returning(table.organisation))
            return len(gone.all())

    def _over(
        self, category: CategoryName, before: datetime
    ) -> list[tuple[type[SliceRow | ChangeRow], ColumnElement[bool]]]:
        if category == STAFF:
            # What has ended since the day at which the feed stands is not told yet.
            stands_at = select(FeedRow.day).where(FeedRow.organisation == self._organisation)
            day = func.least(london_day(before), stands_at.scalar_subquery())
            return [(SliceRow, (SliceRow.organisation == self._organisation) & (SliceRow.ends < day))]
        if category == CHANGES:
            told = ChangeRow.told_at < before
            return [(ChangeRow, (ChangeRow.organisation == self._organisation) & told)]
        return []

    def _slices_of(self, subject: DataSubject) -> ColumnElement[bool]:
        """All of the person, by ESR's own identifier of whoever has the employee number."""
        row = SliceRow
        whose = select(row.record).where(
            row.organisation == self._organisation,
            row.kind == Kind.PERSON,
            row.number == subject.employee_number,
        )
        return (row.organisation == self._organisation) & row.person.in_(whose.scalar_subquery())

    def _changes_of(self, subject: DataSubject) -> ColumnElement[bool]:
        row = ChangeRow
        return (row.organisation == self._organisation) & (row.employee_number == subject.employee_number)


def _held_slice(row: SliceRow) -> HeldRecord:
    """Which fields, and from when on. What they say is ESR's to tell: here nobody asks who may read it."""
    told: dict[str, Any] = {"from": row.starts, "until": row.ends, "fields": sorted(row.facts)}
    return HeldRecord(f"{STAFF}: {row.kind}", row.record, told | {"source": _SOURCE})


def _held_change(row: ChangeRow) -> HeldRecord:
    told = {"what": row.kind, "assignment": row.assignment_number, "check": row.check}
    fields = [each["name"] for each in row.differences]
    return HeldRecord(CHANGES, str(row.position), told | {"on": row.day, "fields": fields})
