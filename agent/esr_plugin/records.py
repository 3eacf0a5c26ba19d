"""Recent searches in the store: who found whom, until when; nothing else of the person."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Index, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.errors import NotFound
from agent.domain.ports.staff_records import SearchId
from agent.domain.workforce import EmployeeNumber, Organisation
from agent.esr_plugin.searches import RememberedSearch, Searches
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table


class SearchRow(OfOrganisation, Table):
    """One search that found one person."""

    __tablename__ = "searches"
    __table_args__ = (Index("searches_by_expiry", "organisation", "expires_at"), {"schema": "esr"})

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    searcher: Mapped[str] = mapped_column(String(120))
    employee_number: Mapped[str] = mapped_column(String(8))
    strength: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class StoredSearches(Searches):
    """One organisation's recent searches; expired ones go whenever one is added."""

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation.ods_code

    async def keep(self, search: RememberedSearch) -> SearchId:
        """Store a search and forget the expired ones."""
        name = str(uuid4())
        async with self._store.unit(self._organisation) as session:
            await session.execute(delete(SearchRow).where(SearchRow.expires_at <= search.at))
            session.add(
                SearchRow(
                    organisation=self._organisation,
                    id=name,
                    searcher=search.searcher,
                    employee_number=search.employee_number,
                    strength=search.strength,
                    at=search.at,
                    expires_at=search.expires_at,
                )
            )
        return SearchId(name)

    async def found(self, search: SearchId, *, by: str, now: datetime) -> EmployeeNumber:
        """Look a search up; somebody else's, an expired one and an unknown one are all not there."""
        async with self._store.unit(self._organisation) as session:
            row = await session.get(SearchRow, {"organisation": self._organisation, "id": search})
            if row is None or row.searcher != by or row.expires_at <= now:
                raise NotFound("There is no such search of yours. Search again.", code="search_not_found")
            return EmployeeNumber(row.employee_number)
