"""What somebody in HR has to look at, until they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ColumnElement, Index, String, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.tasks import NewTask, Tasks
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

_KEYED = UUID("6f0e4b7e-5d0c-4c0f-9a53-3f6f3a1a7c11")
"""Of the ids that follow from a key."""


class TaskState(StrEnum):
    """Whether somebody still has to."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"  # there was nothing to do; the note says why


class Whose(StrEnum):
    """Whose a task is, seen by one person."""

    MINE = "mine"
    OTHERS = "others"  # or nobody's yet


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What the tasks of a list have in common; None where anything will do."""

    state: TaskState | None = None
    whose: Whose | None = None


class TaskRow(OfOrganisation, Table):
    """One task. What the person said is theirs, and goes when their data go."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_by_state", "organisation", "state", "opened_at", "id"),
        Index("tasks_by_age", "organisation", "opened_at", "id"),
        Index("tasks_of_passport", "organisation", "passport"),
        Index("tasks_of_assignee", "organisation", "assignee", "state", "opened_at", "id"),
        {"schema": "organisation"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    passport: Mapped[str] = mapped_column(String(36))
    credential: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    assignee: Mapped[str | None] = mapped_column(String(120))  # whose it is; anybody else may take it up
    closed_by: Mapped[str | None] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(String(500))


class StoredTasks(Tasks):
    """One organisation's tasks."""

    def __init__(self, store: Store, organisation: OdsCode, audit: Audit, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation
        self._audit = audit
        self._clock = clock

    async def open(self, task: NewTask) -> None:
        row = {
            "organisation": self._organisation,
            "id": str(uuid4() if task.key is None else uuid5(_KEYED, f"{self._organisation} {task.key}")),
            "kind": task.kind,
            "passport": task.passport,
            "credential": task.credential,
            "reason": task.reason,
            "comment": task.comment,
            "state": TaskState.OPEN,
            "opened_at": self._clock(),
            "assignee": task.assignee,
        }
        async with self._store.joined(self._organisation) as session:
            await session.execute(insert(TaskRow).values(row).on_conflict_do_nothing())

    async def forget_about(self, passport: str) -> int:
        return await self.forget(of_passports=frozenset({passport}))

    async def get(self, task: str) -> TaskRow:
        """One task. Raises `NotFound`."""
        async with self._store.unit(self._organisation) as session:
            row = await session.get(TaskRow, {"organisation": self._organisation, "id": task})
        if row is None:
            raise NotFound("There is no such task.")
        return row

    async def page(
        self, wanted: TaskFilter, *, by: Actor, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[TaskRow]:
        """Up to `limit` tasks, newest first."""
        row = TaskRow
        query = select(row).where(row.organisation == self._organisation)
        if wanted.state is not None:
            query = query.where(row.state == wanted.state)
        if wanted.whose is not None:
            query = query.where(_of(wanted.whose, by))
        if after is not None:
            older = (row.opened_at == after[0]) & (row.id < after[1])
            query = query.where((row.opened_at < after[0]) | older)
        async with self._store.joined(self._organisation) as session:
            newest_first = query.order_by(row.opened_at.desc(), row.id.desc())
            return (await session.scalars(newest_first.limit(limit))).all()

    async def take_up(self, task: str, *, by: Actor) -> TaskRow:
        """Have it be `by`'s from now on, whoever's it was. Raises `Conflict` unless it is open."""
        async with self._audit.kept_with(
            self._store.unit(self._organisation), "task taken up", actor=by.id, subject=task
        ) as session:
            row = await self._open_task(session, task)
            row.assignee = by.id
        return row

    async def _open_task(self, session: AsyncSession, task: str) -> TaskRow:
        """Locked until the unit ends."""
        key = {"organisation": self._organisation, "id": task}
        row = await session.get(TaskRow, key, with_for_update=True)
        if row is None:
            raise NotFound("There is no such task.")
        if row.state != TaskState.OPEN:
            raise Conflict(f"The task is {row.state} already.", code=f"task_{row.state}")
        return row

    async def close(self, task: str, outcome: TaskState, note: str | None, *, by: Actor) -> TaskRow:
        """Say that it was done, or that there was nothing to do. Raises `Conflict` unless it is open."""
        async with self._audit.kept_with(
            self._store.unit(self._organisation), f"task {outcome}", actor=by.id, subject=task
        ) as session:
            row = await self._open_task(session, task)
            row.state, row.note, row.closed_by, row.closed_at = outcome, note, by.id, self._clock()
        return row

    async def of_passports(self, passports: frozenset[str]) -> Sequence[TaskRow]:
        """Every task about any of them."""
        query = select(TaskRow).where(
            TaskRow.organisation == self._organisation, TaskRow.passport.in_(list(passports))
        )
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query.order_by(TaskRow.opened_at))).all()

    async def forget(self, *, of_passports: frozenset[str]) -> int:
        """Delete tasks about any of the passports; how many."""
        gone = delete(TaskRow).where(
            TaskRow.organisation == self._organisation, TaskRow.passport.in_(list(of_passports))
        )
        async with self._store.joined(self._organisation) as session:
            return len((await session.execute(gone.returning(TaskRow.id))).all())


def _of(whose: Whose, person: Actor) -> ColumnElement[bool]:
    if whose is Whose.MINE:
        return TaskRow.assignee == person.id
    return TaskRow.assignee.is_distinct_from(person.id)
