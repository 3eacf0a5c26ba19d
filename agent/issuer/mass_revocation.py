"""Many passports ended at once: one person asks, another agrees, and then it is done whatever happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import RevocationReason
from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.audit import Audit
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.second_person import SECOND_PERSON, Agreement
from agent.domain.workforce import Organisation
from agent.issuer.records import MassRevocationRow, PassportRepository
from agent.issuer.service import EmploymentIssuance
from agent.store.engine import Store


class MassRevocationState(StrEnum):
    """Where it stands."""

    ASKED = "asked"
    AGREED = "agreed"  # it is being done; what could not be published yet is tried again
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassRevocations:
    """One employing authority's."""

    store: Store
    organisation: Organisation
    audit: Audit
    users: NominatedUsers
    issuance: EmploymentIssuance
    clock: Clock = utc_now

    async def ask(
        self, passports: Sequence[str], reason: RevocationReason, *, by: Actor
    ) -> MassRevocationRow:
        """Ask for all of these to be ended. Raises `NotFound` when any is not there."""
        row = MassRevocationRow(
            organisation=self.organisation.ods_code,
            id=str(uuid4()),
            passports=list(passports),
            reason=reason,
            state=MassRevocationState.ASKED,
            asked_by=by.id,
            asked_by_person=by.person,
            asked_at=self.clock(),
        )
        async with self.audit.kept_with(
            self.store.unit(self.organisation.ods_code),
            "ask for mass revocation",
            actor=by.id,
            subject=row.id,
        ) as session:
            repository = PassportRepository(session, self.organisation.ods_code)
            for passport in passports:
                await repository.get(passport)
            session.add(row)
        return row

    async def agree(self, revocation: str, *, by: Actor) -> MassRevocationRow:
        """Agree to what another person asked for, and end all of them.

        Raises `PolicyRefused` for one's own request, `Unavailable` when something could not be published yet:
        then the rounds go on with it.
        """
        asked = await self.get(revocation)
        asked_by = await self.users.asker(asked.asked_by, asked.asked_by_person)
        if asked_by is None:
            raise NotFound("Nobody asked for this.")
        async with self.audit.recording("agree to mass revocation", actor=by.id, subject=revocation):
            SECOND_PERSON.require(Agreement(asked_by, by))
            await self._decide(revocation, MassRevocationState.AGREED, by)
        await self._end_all(revocation)
        return await self.get(revocation)

    async def refuse(self, revocation: str, *, by: Actor) -> MassRevocationRow:
        """Let it be; who asked may do so too."""
        async with self.audit.recording("refuse mass revocation", actor=by.id, subject=revocation):
            return await self._decide(revocation, MassRevocationState.REFUSED, by)

    async def get(self, revocation: str) -> MassRevocationRow:
        """One request. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            return await self._get(session, revocation)

    async def page(
        self, *, state: MassRevocationState | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[MassRevocationRow]:
        """Up to `limit` requests, newest first."""
        row = MassRevocationRow
        query = select(row).where(row.organisation == self.organisation.ods_code)
        if state is not None:
            query = query.where(row.state == state)
        if after is not None:
            older = (row.asked_at == after[0]) & (row.id < after[1])
            query = query.where((row.asked_at < after[0]) | older)
        async with self.store.unit(self.organisation.ods_code) as session:
            newest_first = query.order_by(row.asked_at.desc(), row.id.desc())
            return (await session.scalars(newest_first.limit(limit))).all()

    async def carry_on(self) -> None:
        """Go on with what was agreed to and is not done. Raises `Unavailable`."""
        for row in await self.page(state=MassRevocationState.AGREED, after=None, limit=10):
            await self._end_all(row.id)

    async def _end_all(self, revocation: str) -> None:
        """End each, and go on past what does not answer: all of them are decided at once."""
        row, failure = await self.get(revocation), None
        for passport in row.passports:
            try:
                await self.issuance.end(passport, RevocationReason(row.reason), actor=str(row.decided_by))
            except Unavailable as unavailable:
                failure = unavailable
        if failure is not None:
            raise failure
        async with self.store.unit(self.organisation.ods_code) as session:
            (await self._get(session, revocation, lock=True)).state = MassRevocationState.DONE

    async def _decide(self, revocation: str, to: MassRevocationState, by: Actor) -> MassRevocationRow:
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await self._get(session, revocation, lock=True)
            if row.state != MassRevocationState.ASKED:
                raise Conflict(f"This is {row.state} already.", code=f"mass_revocation_{row.state}")
            row.state, row.decided_by, row.decided_at = to, by.id, self.clock()
            return row

    async def _get(self, session: AsyncSession, revocation: str, *, lock: bool = False) -> MassRevocationRow:
        key = {"organisation": self.organisation.ods_code, "id": revocation}
        row = await session.get(MassRevocationRow, key, with_for_update=lock)
        if row is None:
            raise NotFound("There is no such request.")
        return row
