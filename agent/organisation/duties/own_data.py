"""What this plugin itself holds of people: those who act, tasks, and requests for one's own data."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agent.audit.views import ViewRow
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import OdsCode
from agent.organisation.duties.records import SubjectRequestRow, made_for
from agent.organisation.duties.tasks import StoredTasks, TaskRow
from agent.organisation.notifications import NotificationRow
from agent.organisation.people.records import InvitationRow, PeopleRepository, PersonRow, PersonStatus
from agent.organisation.registration.records import RegistrationRow
from agent.organisation.terms import TermsAcceptanceRow
from agent.store.engine import Store

PEOPLE, TASKS, REQUESTS = CategoryName.PEOPLE, CategoryName.TASKS, CategoryName.REQUESTS
MAIL, REGISTRATION = CategoryName.MAIL, CategoryName.REGISTRATION
type _Row = PersonRow | TaskRow | SubjectRequestRow | NotificationRow | InvitationRow
type _Known = _Row | TermsAcceptanceRow | RegistrationRow
_YEAR = timedelta(days=365)

CATEGORIES = (
    Category(
        PEOPLE,
        "name, e-mail address, roles and ESR employee number of those who act for the organisation",
        "to know who acts, and to invite them",
        "nobody",
        "removal",
        6 * _YEAR,
        ("organisation.people",),
    ),
    Category(
        REGISTRATION,
        "who registered the organisation, in what capacity, on whose nomination, and who accepted its terms",
        "to show that it was registered, and is bound",
        "the service operator",
        "the end of the registration; it goes with the organisation's database",
        6 * _YEAR,
        ("organisation.registrations", "organisation.terms_acceptances", "audit.evidence"),
    ),
    Category(
        TASKS,
        "what a member of staff said is wrong about them, and what came of it",
        "to correct it",
        "nobody",
        "closing",
        2 * _YEAR,
        ("organisation.tasks",),
    ),
    Category(
        REQUESTS,
        "who asked for their data, and when they were given them",
        "to show that requests were answered",
        "nobody",
        "the request",
        3 * _YEAR,
        ("organisation.subject_requests",),
    ),
    Category(
        MAIL,
        "that somebody was sent a message or a link, without its text",
        "to send it, and to send it again",
        "the e-mail provider",
        "the wish to send it",
        timedelta(days=30),
        ("organisation.notifications", "organisation.invitations"),
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
        people = await self._people(subject)
        tasks = await self._tasks.of_passports(subject.things)
        return [
            *(HeldRecord(PEOPLE, row.id, _told(row)) for row in people),
            *(HeldRecord(TASKS, row.id, _told(row)) for row in tasks),
            *(HeldRecord(REQUESTS, row.id, _told(row)) for row in await self._requests(subject)),
            *[record for person in people for record in await self._of_person(person)],
        ]

    async def require_erasable(self, subject: DataSubject) -> None:
        """Who acts stays known for as long as they do, and is no obstacle."""

    async def erase(self, subject: DataSubject) -> int:
        views = delete(ViewRow).where(
            ViewRow.organisation == self._organisation, ViewRow.thing.in_(list(subject.things))
        )
        async with self._store.unit(self._organisation) as session:
            await session.execute(views)
            return await self._tasks.forget(of_passports=subject.things)

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        async with self._store.unit(self._organisation) as session:
            counts = [
                await session.scalar(select(func.count()).select_from(table).where(condition)) or 0
                for table, condition in self._over(category, before)
            ]
        return sum(counts)

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        if category is PEOPLE:
            return await self._forget_people(before)
        async with self._store.unit(self._organisation) as session:
            gone = [
                len((await session.execute(delete(table).where(condition).returning(table.id))).all())
                for table, condition in self._over(category, before)
            ]
        return sum(gone)

    async def _forget_people(self, before: datetime) -> int:
        """Whoever was removed is a number from now on: what they did stays in the audit, by their sign-in."""
        async with self._store.unit(self._organisation) as session:
            rows = await PeopleRepository(session, self._organisation).removed_before(before)
            for row in rows:
                row.name, row.email, row.employee_number = "", f"{row.id}@removed", None
            return len(rows)

    def _over(
        self, category: CategoryName, before: datetime
    ) -> Sequence[tuple[type[_Row], ColumnElement[bool]]]:
        """In which tables, and which rows there, are over their time."""
        removed = (PersonRow.status == PersonStatus.REMOVED) & (PersonRow.changed_at < before)
        over: dict[CategoryName, Sequence[tuple[type[_Row], ColumnElement[bool]]]] = {
            PEOPLE: [(PersonRow, removed & (PersonRow.name != ""))],
            TASKS: [(TaskRow, TaskRow.closed_at < before)],
            REQUESTS: [(SubjectRequestRow, SubjectRequestRow.made_at < before)],
            MAIL: [
                (NotificationRow, NotificationRow.asked_at < before),
                (InvitationRow, InvitationRow.expires_at < before),
            ],
        }
        return [
            (table, (table.organisation == self._organisation) & rows)
            for table, rows in over.get(category, ())
        ]

    async def _of_person(self, person: PersonRow) -> list[HeldRecord]:
        """What somebody who acts was sent, and what they signed for the organisation."""
        async with self._store.unit(self._organisation) as session:
            sent = await self._all(session, NotificationRow, NotificationRow.person == person.id)
            links = await self._all(session, InvitationRow, InvitationRow.person == person.id)
            signed = TermsAcceptanceRow.accepted_by == (person.user or person.was_user)
            accepted = await self._all(session, TermsAcceptanceRow, signed)
            mine = RegistrationRow.registrant == person.id
            registered: Sequence[RegistrationRow] = await self._all(session, RegistrationRow, mine)
        return [
            *(HeldRecord(MAIL, message.id, _told(message)) for message in sent),
            *(HeldRecord(MAIL, link.id, _told(link)) for link in links),
            *(HeldRecord(REGISTRATION, row.id, _told(row)) for row in accepted),
            *(HeldRecord(REGISTRATION, own.organisation, _told(own)) for own in registered),
        ]

    async def _all[
        R: (PersonRow, SubjectRequestRow, NotificationRow, InvitationRow, TermsAcceptanceRow, RegistrationRow)
    ](self, session: AsyncSession, table: type[R], condition: ColumnElement[bool]) -> Sequence[R]:
        query = select(table).where(table.organisation == self._organisation, condition)
        return (await session.scalars(query)).all()

    async def _people(self, subject: DataSubject) -> Sequence[PersonRow]:
        if subject.person is not None:
            named = PersonRow.id == subject.person
        elif subject.employee_number is not None:
            named = PersonRow.employee_number == subject.employee_number
        else:
            return ()
        async with self._store.unit(self._organisation) as session:
            return await self._all(session, PersonRow, named)

    async def _requests(self, subject: DataSubject) -> Sequence[SubjectRequestRow]:
        async with self._store.unit(self._organisation) as session:
            return await self._all(session, SubjectRequestRow, made_for(subject))


def _told(row: _Known) -> dict[str, Any]:
    return {
        column.key: getattr(row, column.key)
        for column in type(row).__table__.columns
        if column.key not in {"organisation", "id", "token"}
    }
