"""What the operator holds of people: who registered organisations, and who was called back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import Organisation
from agent.operator.records import ApplicationRow, ApplicationState
from agent.store.engine import Store

ENDED = (ApplicationState.CLOSED, ApplicationState.SUCCEEDED)
CATEGORIES = (
    Category(
        CategoryName.APPLICATIONS,
        "name and address of who registered an organisation, its contact, a deputy's director,"
        " and who answered when it was called back",
        "to know that the organisation itself applied",
        "nobody",
        "the end of the registration",
        timedelta(days=6 * 365),
        ("operator.applications",),
    ),
)


class OperatorPersonalData(PersonalData):
    """The operator's. Whoever asks is named by their address, which stands in the application."""

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation.ods_code

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        return frozenset(row.id for row in await self._of(subject))

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        return [
            HeldRecord(
                CategoryName.APPLICATIONS,
                row.id,
                {"ods_code": row.ods_code, "state": row.state, "application": row.application}
                | {"call_back": row.call_back},
            )
            for row in await self._of(subject)
        ]

    async def require_erasable(self, subject: DataSubject) -> None:
        """What still counts stays, and is no obstacle."""

    async def erase(self, subject: DataSubject) -> int:
        """Only what has ended: a registered organisation has somebody who registered it."""
        return await self._erase(ApplicationRow.id.in_([row.id for row in await self._of(subject)]))

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        if category is not CategoryName.APPLICATIONS:
            return 0
        query = select(func.count()).select_from(ApplicationRow).where(self._ended(), _since(before))
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query) or 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        return await self._erase(_since(before)) if category is CategoryName.APPLICATIONS else 0

    async def _erase(self, which: ColumnElement[bool]) -> int:
        gone = delete(ApplicationRow).where(self._ended(), which).returning(ApplicationRow.id)
        async with self._store.unit(self._organisation) as session:
            return len((await session.execute(gone)).all())

    def _ended(self) -> ColumnElement[bool]:
        return (ApplicationRow.organisation == self._organisation) & ApplicationRow.state.in_(ENDED)

    async def _of(self, subject: DataSubject) -> Sequence[ApplicationRow]:
        if subject.email is None:
            return ()
        row, email = ApplicationRow, subject.email.lower()
        said = row.application
        named = (
            (func.lower(said["registrant"]["email"].astext) == email)
            | (func.lower(said["details"]["contact"]["email"].astext) == email)
            | (func.lower(said["registrant"]["nomination"]["director_email"].astext) == email)
        )
        query = select(row).where(row.organisation == self._organisation, named)
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query)).all()


def _since(before: datetime) -> ColumnElement[bool]:
    return func.coalesce(ApplicationRow.decided_at, ApplicationRow.invitation_expires_at) < before
