"""Recent searches in the store: who found whom, until when; nothing else of the person once decided."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, delete, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchId, SearchState
from agent.domain.workforce import EmployeeNumber, Organisation
from agent.esr_plugin.searches import WEAK_LIFE, Decision, Keyed, RememberedSearch, Searches
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table


class SearchRow(OfOrganisation, Table):
    """One search that found one person."""

    __tablename__ = "searches"
    __table_args__ = (
        Index("searches_by_expiry", "organisation", "expires_at"),
        Index("searches_by_state", "organisation", "state", "at", "id"),
        {"schema": "esr"},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    searcher: Mapped[str] = mapped_column(String(120))
    searcher_person: Mapped[str | None] = mapped_column(String(36))
    searcher_number: Mapped[str | None] = mapped_column(String(8))
    employee_number: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(24))
    strength: Mapped[str] = mapped_column(String(8))
    fields: Mapped[list[list[str]]] = mapped_column(JSONB)
    keyed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class StoredSearches(Searches):
    """One organisation's recent searches; expired ones go whenever one is added."""

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation.ods_code

    async def keep(self, search: RememberedSearch) -> None:
        """Store a search and forget the expired ones."""
        async with self._store.unit(self._organisation) as session:
            await session.execute(delete(SearchRow).where(SearchRow.expires_at <= search.at))
            session.add(
                SearchRow(
                    organisation=self._organisation,
                    id=search.id,
                    searcher=search.searcher,
                    searcher_person=search.searcher_person,
                    searcher_number=search.searcher_number,
                    employee_number=search.employee_number,
                    state=search.state,
                    strength=search.strength,
                    fields=[[name, how] for name, how in search.fields],
                    keyed=_as_json(search.keyed),
                    at=search.at,
                    expires_at=search.expires_at,
                )
            )

    async def own(self, search: SearchId, *, by: str, now: datetime) -> RememberedSearch:
        """Look a search up; somebody else's, an expired one and an unknown one are all not there."""
        async with self._store.unit(self._organisation) as session:
            row = await self._row(session, search)
        if row is None or row.searcher != by or row.expires_at <= now:
            raise NotFound("There is no such search of yours. Search again.", code="search_not_found")
        return _remembered(row)

    async def weak(self, search: SearchId, *, now: datetime) -> RememberedSearch:
        """Look a weak match up; one that was found surely is not there."""
        async with self._store.unit(self._organisation) as session:
            row = await self._row(session, search)
        if row is None or row.strength != MatchStrength.WEAK or row.expires_at <= now:
            raise _no_weak_match()
        return _remembered(row)

    async def awaiting(
        self, *, now: datetime, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[RememberedSearch]:
        """Weak matches that nobody decided."""
        row = SearchRow
        query = select(row).where(
            row.organisation == self._organisation, row.state == SearchState.AWAITING, row.expires_at > now
        )
        if after is not None:
            query = query.where(tuple_(row.at, row.id) > after)
        async with self._store.unit(self._organisation) as session:
            found = await session.scalars(query.order_by(row.at, row.id).limit(limit))
            return [_remembered(each) for each in found]

    async def decide(self, search: SearchId, decision: Decision) -> RememberedSearch:
        """Change the row; its searcher has a day from now."""
        async with self._store.joined(self._organisation) as session:
            row = await self._row(session, search, lock=True)
            if row is None or row.strength != MatchStrength.WEAK or row.expires_at <= decision.at:
                raise _no_weak_match()
            if row.state != SearchState.AWAITING:
                raise Conflict("Somebody has decided this already.", code="weak_match_decided")
            row.state, row.decided_by, row.decided_at = decision.state, decision.by, decision.at
            row.keyed, row.expires_at = None, decision.at + WEAK_LIFE
            return _remembered(row)

    async def _row(self, session: AsyncSession, search: SearchId, *, lock: bool = False) -> SearchRow | None:
        key = {"organisation": self._organisation, "id": search}
        return await session.get(SearchRow, key, with_for_update=lock)


def _no_weak_match() -> NotFound:
    return NotFound("There is no such match to be decided.", code="weak_match_not_found")


def _remembered(row: SearchRow) -> RememberedSearch:
    decision = None
    if row.decided_by is not None and row.decided_at is not None:
        decision = Decision(SearchState(row.state), row.decided_by, row.decided_at)
    return RememberedSearch(
        id=SearchId(row.id),
        searcher=row.searcher,
        searcher_person=row.searcher_person,
        searcher_number=EmployeeNumber(row.searcher_number) if row.searcher_number else None,
        employee_number=EmployeeNumber(row.employee_number),
        state=SearchState(row.state),
        strength=MatchStrength(row.strength),
        fields=tuple((name, Agreement(how)) for name, how in row.fields),
        keyed=_keyed(row.keyed),
        at=row.at,
        expires_at=row.expires_at,
        decision=decision,
    )


def _as_json(keyed: Keyed | None) -> dict[str, Any] | None:
    if keyed is None:
        return None
    return {**asdict(keyed), "date_of_birth": keyed.date_of_birth.isoformat()}


def _keyed(told: dict[str, Any] | None) -> Keyed | None:
    if told is None:
        return None
    return Keyed(told["surname"], told["forenames"], date.fromisoformat(told["date_of_birth"]))
