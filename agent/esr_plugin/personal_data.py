"""What is kept of a search: who found whom, for half an hour, or for a day where two must decide."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from agent.domain.clock import Clock, utc_now
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, HeldRecord, PersonalData
from agent.domain.workforce import Organisation
from agent.esr_plugin.attempts import ALERTS_KEPT, AlertRow, AttemptRow
from agent.esr_plugin.records import SearchRow
from agent.store.engine import Store

SEARCHES = CategoryName.SEARCHES
CATEGORIES = (
    Category(
        SEARCHES,
        "the employee number of who was found, and who searched; the names and date of birth that were keyed,"
        " until a second person has decided whether it is they",
        "to choose one of the person's assignments",
        "nobody",
        "half an hour after the search, a day where a second person decides",
        timedelta(days=1),
        ("esr.searches",),
    ),
)


class EsrPersonalData(PersonalData):
    """One organisation's."""

    def __init__(self, store: Store, organisation: Organisation, clock: Clock = utc_now) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._clock = clock

    @property
    def categories(self) -> Sequence[Category]:
        return CATEGORIES

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        return frozenset(row.id for row in await self._of(subject))

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        return [
            HeldRecord(
                SEARCHES,
                row.id,
                {
                    "employee_number": row.employee_number,
                    "searched_by": row.searcher,
                    "at": row.at,
                    "state": row.state,
                },
            )
            for row in await self._of(subject)
        ]

    async def require_erasable(self, subject: DataSubject) -> None:
        """A search holds nothing up."""

    async def erase(self, subject: DataSubject) -> int:
        gone = delete(SearchRow).where(
            SearchRow.organisation == self._organisation, SearchRow.employee_number == subject.employee_number
        )
        async with self._store.unit(self._organisation) as session:
            return len((await session.execute(gone.returning(SearchRow.id))).all())

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        if category != SEARCHES:
            return 0
        query = select(func.count()).where(
            SearchRow.organisation == self._organisation, SearchRow.expires_at < before
        )
        async with self._store.unit(self._organisation) as session:
            return await session.scalar(query) or 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        """Those; what was keyed goes as soon as nobody can decide it, and old counts go, too."""
        if category != SEARCHES:
            return 0
        await self._forget(before)
        gone = delete(SearchRow).where(
            SearchRow.organisation == self._organisation, SearchRow.expires_at < before
        )
        async with self._store.unit(self._organisation) as session:
            return len((await session.execute(gone.returning(SearchRow.id))).all())

    async def _forget(self, before: datetime) -> None:
        expired = update(SearchRow).where(
            SearchRow.organisation == self._organisation, SearchRow.expires_at <= self._clock()
        )
        attempts = delete(AttemptRow).where(
            AttemptRow.organisation == self._organisation, AttemptRow.at < before
        )
        alerts = delete(AlertRow).where(
            AlertRow.organisation == self._organisation, AlertRow.at < self._clock() - ALERTS_KEPT
        )
        async with self._store.unit(self._organisation) as session:
            for statement in (expired.values(keyed=None), attempts, alerts):
                await session.execute(statement)

    async def _of(self, subject: DataSubject) -> Sequence[SearchRow]:
        if subject.employee_number is None:
            return ()
        query = select(SearchRow).where(
            SearchRow.organisation == self._organisation, SearchRow.employee_number == subject.employee_number
        )
        async with self._store.unit(self._organisation) as session:
            return (await session.scalars(query)).all()
