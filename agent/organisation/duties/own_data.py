"""What this plugin itself holds of people: those who act, tasks, and requests for one's own data."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select

from agent.audit.views import ViewRow
from agent.domain.ports.personal_data import Category, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import OdsCode
from agent.organisation.duties.records import SubjectRequestRow
from agent.organisation.duties.tasks import StoredTasks, TaskRow
from agent.organisation.notifications import NotificationRow
from agent.organisation.people.records import InvitationRow, PeopleRepository, PersonRow
from agent.store.engine import Store

PEOPLE, TASKS, REQUESTS, MAIL = "people who act", "tasks", "subject requests", "messages and links"
_YEAR = timedelta(days=365)

CATEGORIES = (
    Category(
        PEOPLE,
        "name, e-mail address, roles and ESR employee number of those who act for the organisation",
        "to know who acts, and to invite them",
        "nobody",
        "removal",
        6 * _YEAR,
    ),
    Category(
        TASKS,
        "what a member of staff said is wrong about them, and what came of it",
        "to correct it",
        "nobody",
        "closing",
        2 * _YEAR,
    ),
    Category(
        REQUESTS,
        "who asked for their data, and when they were given them",
        "to show that requests were answered",
        "nobody",
        "the request",
        3 * _YEAR,
    ),
    Category(
        MAIL,
        "that somebody was sent a message or a link, without its text",
        "to send it, and to send it again",
        "the e-mail provider",
        "the wish to send it",
        timedelta(days=30),
    ),
)


class OrganisationPersonalData(PersonalData):
    """One organisation's."""

    def __init__(self, store: Store, organisation: OdsCode, tasks: StoredTasks) -> None:
        self._store = store
        self._organisation = organisation
        self._tasks = tasks

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        return frozenset(row.id for row in await self._people(subject))

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        people = [HeldRecord(PEOPLE, row.id, _told(row)) for row in await self._people(subject)]
        tasks = [
            HeldRecord(TASKS, row.id, _told(row)) for row in await self._tasks.of_passports(subject.things)
        ]
        requests = [HeldRecord(REQUESTS, row.id, _told(row)) for row in await self._requests(subject)]
        return [*people, *tasks, *requests]

    async def require_erasable(self, subject: DataSubject) -> None:
        """Who acts stays known for as long as they do, and is no obstacle."""

    async def erase(self, subject: DataSubject) -> int:
        async with self._store.unit(self._organisation) as session:
            for row in (await session.scalars(self._of(subject))).all():
                row.employee_number = row.review = None
            views = delete(ViewRow).where(
                ViewRow.organisation == self._organisation, ViewRow.thing.in_(list(subject.things))
            )
            await session.execute(views)
            return await self._tasks.forget(of_passports=subject.things)

    async def due(self, category: str, *, before: datetime) -> int:
        if category == TASKS:
            return await self._tasks.closed_before(before)
        table, condition = self._ended(category, before)
        query = select(func.count()).select_from(table).where(condition)
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query) or 0

    async def erase_due(self, category: str, *, before: datetime) -> int:
        if category == TASKS:
            return await self._tasks.forget(before=before)
        if category == PEOPLE:
            return await self._forget_people(before)
        async with self._store.unit(self._organisation) as session:
            if category == MAIL:
                await PeopleRepository(session, self._organisation).forget_invitations(before=before)
            table, condition = self._ended(category, before)
            gone = await session.execute(delete(table).where(condition).returning(table.id))
            return len(gone.all())

    async def _forget_people(self, before: datetime) -> int:
        """Whoever was removed is a number from now on: what they did stays in the audit, by their sign-in."""
        async with self._store.unit(self._organisation) as session:
            people = PeopleRepository(session, self._organisation)
            rows = await people.removed_before(before)
            for row in rows:
                row.name, row.email, row.employee_number = "", f"{row.id}@removed", None
            return len(rows)

    def _ended(
        self, category: str, before: datetime
    ) -> tuple[
        type[PersonRow | SubjectRequestRow | NotificationRow | InvitationRow | TaskRow], ColumnElement[bool]
    ]:
        match category:
            case "people who act":
                gone = (PersonRow.status == "removed") & (PersonRow.changed_at < before)
                return PersonRow, (PersonRow.organisation == self._organisation) & gone & (
                    PersonRow.name != ""
                )
            case "subject requests":
                old = SubjectRequestRow.made_at < before
                return SubjectRequestRow, (SubjectRequestRow.organisation == self._organisation) & old
            case _:
                old = NotificationRow.asked_at < before
                return NotificationRow, (NotificationRow.organisation == self._organisation) & old

    async def _people(self, subject: DataSubject) -> Sequence[PersonRow]:
        if subject.employee_number is None:
            return ()
        query = select(PersonRow).where(
            PersonRow.organisation == self._organisation, PersonRow.employee_number == subject.employee_number
        )
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query)).all()

    async def _requests(self, subject: DataSubject) -> Sequence[SubjectRequestRow]:
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(self._of(subject))).all()

    def _of(self, subject: DataSubject) -> Select[SubjectRequestRow]:
        row = SubjectRequestRow
        query = select(row).where(row.organisation == self._organisation)
        if subject.employee_number is not None:
            return query.where(row.employee_number == subject.employee_number)
        return query.where(row.review == subject.review, row.review.is_not(None))


def _told(row: PersonRow | TaskRow | SubjectRequestRow) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in type(row).__table__.columns
        if column.key not in {"organisation", "id"}
    }
