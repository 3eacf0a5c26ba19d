"""The organisation's changes as they are kept, and how far each consumer is with them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from agent.domain.clock import Clock, utc_now
from agent.domain.ports.staff_changes import (
    Difference,
    StaffChange,
    StaffChangeConsumer,
    StaffChangeKind,
    StaffChanges,
    ToldChange,
)
from agent.domain.workforce import AssignmentNumber, CheckType, EmployeeNumber, OdsCode
from agent.esr_plugin.feed_records import ChangeRow, CursorRow
from agent.store.engine import Store

_AT_A_TIME = 100


class StoredStaffChanges(StaffChanges):
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation
        self._clock = clock

    async def after_cursor(self, consumer: str, *, limit: int) -> Sequence[ToldChange]:
        own = {"organisation": self._organisation, "consumer": consumer}
        async with self._store.unit(self._organisation) as session:
            cursor = await session.get(CursorRow, own)
            row = ChangeRow
            query = select(row).where(
                row.organisation == self._organisation, row.position > (cursor.position if cursor else 0)
            )
            return [_told(each) for each in await session.scalars(query.order_by(row.position).limit(limit))]

    async def acknowledge(self, consumer: str, position: int) -> None:
        """Backwards it never goes: two replicas may have handled the same."""
        row = {
            "organisation": self._organisation,
            "consumer": consumer,
            "position": position,
            "moved_at": self._clock(),
        }
        moved = insert(CursorRow).values(row)
        moved = moved.on_conflict_do_update(
            index_elements=["organisation", "consumer"],
            set_={"position": moved.excluded.position, "moved_at": moved.excluded.moved_at},
            where=CursorRow.position < moved.excluded.position,
        )
        async with self._store.joined(self._organisation) as session:
            await session.execute(moved)


async def dispatch(changes: StaffChanges, consumer: StaffChangeConsumer) -> int:
    """Hand `consumer` every change that it has not acknowledged, one by one; how many.

    Each is acknowledged once it was handled. What `handle` raises ends it; that change comes again next time.
    """
    count = 0
    while told := await changes.after_cursor(consumer.name, limit=_AT_A_TIME):
        for each in told:
            await consumer.handle(each)
            await changes.acknowledge(consumer.name, each.position)
            count += 1
    return count


def _told(row: ChangeRow) -> ToldChange:
    change = StaffChange(
        StaffChangeKind(row.kind),
        EmployeeNumber(row.employee_number),
        row.day,
        AssignmentNumber(row.assignment_number) if row.assignment_number else None,
        CheckType(row.check) if row.check else None,
        tuple(Difference(each["name"], each["before"], each["after"]) for each in row.differences),
    )
    return ToldChange(row.position, change)
