"""Use cases of a data controller: every plugin answers for its own tables, and this puts it together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from agent.audit.chain import AuditChain, AuditEntry
from agent.audit.views import Views
from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.audit import Audit
from agent.domain.ports.personal_data import Category, CategoryName, DataSubject, PersonalData
from agent.domain.workforce import EmployeeNumber, Organisation
from agent.organisation.duties.records import WHOM, SubjectRequestRow, made_for
from agent.store.engine import Store

LOOK_UP = "look up who acted"


@dataclass(frozen=True, slots=True)
class Clocked:
    """One category of records: for how long it is kept here, and how many are over their time now."""

    category: Category
    kept_for: timedelta
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDuties:
    """One organisation's."""

    store: Store
    organisation: Organisation
    audit: Audit
    chain: AuditChain
    views: Views
    holders: Sequence[PersonalData]
    retention: Mapping[CategoryName, timedelta]
    clock: Clock = utc_now

    # To answer

    async def request(self, subject: DataSubject, *, by: Actor) -> SubjectRequestRow:
        """Take up somebody's request for what is held of them."""
        row = SubjectRequestRow(
            organisation=self.organisation.ods_code,
            id=str(uuid4()),
            employee_number=subject.employee_number,
            review=subject.review,
            person=subject.person,
            email=subject.email,
            made_by=by.id,
            made_at=self.clock(),
        )
        async with self.audit.kept_with(
            self.store.unit(self.organisation.ods_code),
            "take up subject request",
            actor=by.id,
            subject=row.id,
        ) as session:
            session.add(row)
        return row

    async def export(self, request: str, *, by: Actor) -> dict[str, Any]:
        """Everything that is held of who asked, and who acted on or saw it. Raises `NotFound`."""
        async with self.audit.recording("export personal data", actor=by.id, subject=request):
            subject = await self._subject(request)
            for thing in sorted(subject.things):
                await self.views.saw("export personal data", thing, by=by)
            records = [each for holder in self.holders for each in await holder.held_of(subject)]
            acts = await self.chain.about(subject.things)
        return {
            "controller": {"ods_code": self.organisation.ods_code, "name": self.organisation.name},
            "made_at": self.clock(),
            "records": [
                {"category": each.category, "id": each.id, "data": dict(each.data)} for each in records
            ],
            "who_did_what": [
                {"at": act.at, "actor": act.actor, "action": act.action}
                for act in acts
                if act.phase == "intent"
            ],
        }

    async def erase(self, request: str, *, by: Actor) -> int:
        """Erase what is held of who asked; how many records. The audit stays whole, and says of nobody who.

        Raises `Conflict` while something of theirs still counts.
        """
        async with self.audit.recording("erase personal data", actor=by.id, subject=request):
            subject = await self._subject(request)
            for holder in self.holders:
                await holder.require_erasable(subject)
            erased = 0
            for holder in self.holders:
                erased += await holder.erase(subject)
            # Last, and only when all are done: cut short, the same request is made again.
            await self._forget_whose(subject)
        return erased

    async def _forget_whose(self, subject: DataSubject) -> None:
        """That somebody asked stays, and not who it was."""
        rows = update(SubjectRequestRow).where(
            SubjectRequestRow.organisation == self.organisation.ods_code, made_for(subject)
        )
        async with self.store.unit(self.organisation.ods_code) as session:
            await session.execute(rows.values(dict.fromkeys(WHOM)))

    async def _subject(self, request: str) -> DataSubject:
        async with self.store.unit(self.organisation.ods_code) as session:
            key = {"organisation": self.organisation.ods_code, "id": request}
            row = await session.get(SubjectRequestRow, key)
        if row is None:
            raise NotFound("There is no such request.")
        number = EmployeeNumber(row.employee_number) if row.employee_number else None
        subject = DataSubject(number, row.review, row.person, row.email)
        if subject == DataSubject():
            raise Conflict("What it was about is erased.", code="erased")
        things = [await holder.things_of(subject) for holder in self.holders]
        return replace(subject, things=frozenset().union(*things))

    # To forget in time

    async def clocks(self) -> Sequence[Clocked]:
        """Every category of records, with how many are over their time: nothing is erased."""
        return [
            Clocked(category, kept_for, await holder.due(category.name, before=self.clock() - kept_for))
            for holder, category, kept_for in self._kept()
        ]

    async def erase_what_is_due(self, *, by: Actor) -> Mapping[str, int]:
        """Erase what is over its time; how many of each category."""
        erased: dict[str, int] = {}
        for holder, category, kept_for in self._kept():
            before = self.clock() - kept_for
            if await holder.due(category.name, before=before):
                action = "erase what is due"
                async with self.audit.recording(action, actor=by.id, subject=category.name):
                    erased[category.name] = await holder.erase_due(category.name, before=before)
        await self.views.forget(before=self.clock() - timedelta(days=2))
        return erased

    def _kept(self) -> Sequence[tuple[PersonalData, Category, timedelta]]:
        return [
            (holder, category, self.retention.get(category.name, category.kept_for))
            for holder in self.holders
            for category in holder.categories
        ]

    # To say who acted

    async def acts_on(
        self, thing: str, *, by: Actor, after: int, limit: int
    ) -> Sequence[tuple[AuditEntry, str | None]]:
        """Who did what with a thing, and who saw it: intents that follow `after`, each with its outcome.

        Raises `NotFound` for what nobody here did anything with but look it up.
        """
        async with self.audit.recording(LOOK_UP, actor=by.id, subject=thing):
            if not await self.chain.knows(thing, but=LOOK_UP):
                raise NotFound("Nobody here did anything with this.")
        return await self.chain.acts_on(thing, after=after, limit=limit)
