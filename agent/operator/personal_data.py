"""What the operator holds of people: who registered organisations, and who was called back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, null, or_, select, update

from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import Organisation
from agent.operator.records import ApplicationRow, ApplicationState
from agent.store.engine import Store

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

    def __init__(
        self, store: Store, organisation: Organisation, connections: Connections, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._connections = connections
        self._clock = clock

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
        return await self._forget(ApplicationRow.id.in_([row.id for row in await self._of(subject)]))

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        if category is not CategoryName.APPLICATIONS:
            return 0
        query = select(func.count()).select_from(ApplicationRow).where(self._ended(), _since(before))
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query) or 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        return await self._forget(_since(before)) if category is CategoryName.APPLICATIONS else 0

    async def _forget(self, which: ColumnElement[bool]) -> int:
        """Empty them of people. That there was an application stays: versions of statuses go on from it."""
        async with self._store.unit(self._organisation) as session:
            ended = (await session.scalars(select(ApplicationRow).where(self._ended(), which))).all()
        for row in ended:
            await self._connections.end(ConnectionId(row.connection))
            async with self._store.unit(self._organisation) as session:
                await session.execute(
                    update(ApplicationRow)
                    .where(ApplicationRow.organisation == self._organisation, ApplicationRow.id == row.id)
                    .values(application=null(), call_back=null())  # of the table, not of JSON
                )
        return len(ended)

    def _ended(self) -> ColumnElement[bool]:
        row, today = ApplicationRow, london_day(self._clock()).isoformat()
        is_over: ColumnElement[bool] = row.succession["credentials_until"].astext < today
        ended = or_(
            row.state == ApplicationState.CLOSED, and_(row.state == ApplicationState.SUCCEEDED, is_over)
        )
        return and_(row.organisation == self._organisation, row.application.is_not(None), ended)

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
