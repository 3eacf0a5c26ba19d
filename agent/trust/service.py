"""The operator's use cases: who stands in the trust list, and how."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, InvalidInput, Unavailable
from agent.domain.ports.audit import Audit
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.trust_register import ApprovedOrganisations, KnownOrganisation, TrustRegister
from agent.domain.registration import Succession
from agent.domain.second_person import SECOND_PERSON, Agreement
from agent.domain.workforce import OdsCode, Organisation
from agent.store.engine import Store
from agent.trust.publishing import PublishedList
from agent.trust.records import EntryRow, TrustRepository
from agent.trust.requests import ChangeEntry, RegisterOrganisation
from signed_documents.trust_lists import ListedOrganisation, Successor, Suspension

FURTHEST_AHEAD = timedelta(days=2 * 366)
"""Of a succession: a date beyond is a mistake."""

type _Unit = AbstractAsyncContextManager[AsyncSession]
type _Change = Callable[[ListedOrganisation], dict[str, Any]]
"""What becomes otherwise of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRegister(TrustRegister):
    """Entries are said, and are in the list once it is published; how one stands is published at once."""

    store: Store
    organisation: Organisation
    audit: Audit
    users: NominatedUsers
    approved: ApprovedOrganisations
    published: PublishedList
    clock: Clock = utc_now

    # Say

    async def register(self, ods_code: OdsCode, said: RegisterOrganisation, *, by: Actor) -> EntryRow:
        """Enter an organisation, to be published.

        What is not said of it is taken from its application, which must be approved if there is one: name,
        region, and the DID under which it asked to be listed, with its signature.
        Raises `Conflict` when it is there already, `InvalidInput` when something is not known.
        """
        known = await self.approved.known(ods_code)
        _require_approved(known)
        entry = _entry(ods_code, said, known)
        async with self._changing("register organisation in trust list", ods_code, by) as session:
            repository = self._repository(session)
            if await repository.find(ods_code) is not None:
                raise Conflict("This organisation is in the trust list already.", code="entry_exists")
            await self._require_free(repository, entry)
            now = self.clock()
            row = EntryRow(
                organisation=self.organisation.ods_code,
                ods_code=ods_code,
                said=_as_json(entry),
                registered_by=by.id,
                registered_at=now,
                changed_by=by.id,
                changed_at=now,
            )
            repository.add(row)
        return row

    async def change(self, ods_code: OdsCode, said: ChangeEntry, *, by: Actor) -> EntryRow:
        """Say something else of an organisation, to be published. Raises `NotFound`, `Conflict`.

        Nothing of one that is suspended or was succeeded: its DID could go on as somebody else's without a
        second person.
        """
        changes = {name: value for name, value in said if value is not None}
        async with self._changing("change organisation in trust list", ods_code, by) as session:
            row = await self._repository(session).entry(ods_code, lock=True)
            _require_not_suspended(row.entry)
            _require_not_succeeded(row.entry, london_day(self.clock()))
            entry = row.entry.model_copy(update=changes)
            await self._require_free(self._repository(session), entry)
            self._say(row, entry, by)
        return row

    async def get(self, ods_code: OdsCode) -> EntryRow:
        """One entry. Raises `NotFound`."""
        async with self._unit() as session:
            return await self._repository(session).entry(ods_code)

    async def page(self, *, after: str | None, limit: int) -> Sequence[EntryRow]:
        """Up to `limit` entries by ODS code."""
        async with self._unit() as session:
            return await self._repository(session).entries(after=after, limit=limit)

    async def publish(self, *, above: int, by: Actor) -> None:
        """Publish everything that was said; versions go on from `above`, when that is more than the last.

        Raises `Conflict` while there is no root, and when the registry has a newer list than we know of;
        `Unavailable` when the registry does not answer: then it is published by and by.
        """
        async with self._changing("publish trust list", "trust list", by) as session:
            if not await self._repository(session).roots():
                raise Conflict("The trust list has no root yet.", code="no_trust_root")
            await self.published.require_listed_operator()
            for row in await self._repository(session).entries():
                row.published = row.said
            await session.flush()
            await self.published.sign(session, above=above)
        await self.published.send()

    # Stand

    async def suspend(self, ods_code: OdsCode, *, by: Actor) -> EntryRow:
        """Let an organisation not count from now on. Raises `Conflict` when it is suspended already."""

        def suspended(entry: ListedOrganisation) -> dict[str, Any]:
            _require_not_suspended(entry)
            return self._suspended(entry)

        return await self._decide("suspend organisation in trust list", ods_code, suspended, by)

    async def ask_to_restore(self, ods_code: OdsCode, *, by: Actor) -> EntryRow:
        """Ask for a suspended organisation to be restored; another person has to agree."""
        _require_approved(await self.approved.known(ods_code))
        async with self._changing("ask to restore in trust list", ods_code, by) as session:
            row = await self._repository(session).entry(ods_code, lock=True)
            _require_suspended(row.entry)
            row.restore_asked_by, row.restore_asked_at = by.id, self.clock()
            row.restore_asked_by_person = by.person
        return row

    async def restore(self, ods_code: OdsCode, *, by: Actor) -> EntryRow:
        """Restore what another person asked for. Raises `PolicyRefused` for one's own request."""
        _require_approved(await self.approved.known(ods_code))
        asked = await self.get(ods_code)
        asked_by = await self.users.asker(asked.restore_asked_by, asked.restore_asked_by_person)

        def restored(entry: ListedOrganisation) -> dict[str, Any]:
            _require_suspended(entry)
            if asked_by is None:
                raise Conflict("Nobody has asked for this.", code="nobody_asked")
            SECOND_PERSON.require(Agreement(asked_by, by))
            return self._restored(entry)

        return await self._decide(
            "restore organisation in trust list", ods_code, restored, by, asked_at=asked.restore_asked_at
        )

    async def succeed(self, ods_code: OdsCode, succession: Succession, *, by: Actor) -> EntryRow:
        """Say who takes the place of an organisation that never applied; of others, its application says so.

        Raises `NotFound` unless both are in the list, `InvalidInput` for dates in the wrong order, `Conflict`
        once a succession has begun: who changed it could let somebody act again without a second person.
        """
        today = london_day(self.clock())
        _require_in_order(succession, ods_code, today)
        if await self.approved.known(ods_code) is not None:
            raise Conflict("Its application says who succeeds this organisation.", code="has_application")
        await self.get(succession.successor)

        def take_over(entry: ListedOrganisation) -> dict[str, Any]:
            _require_not_suspended(entry)
            _require_not_succeeded(entry, today)
            return _succeeded(succession)

        return await self._decide("succeed organisation in trust list", ods_code, take_over, by)

    # What was decided of its registration, in the unit in hand

    async def suspended(self, ods_code: OdsCode) -> None:
        """Nothing counts from now on."""
        await self._follow(ods_code, lambda entry: {} if _open(entry) else self._suspended(entry))

    async def restored(self, ods_code: OdsCode) -> None:
        """It counts again, and nobody takes its place."""
        await self._follow(ods_code, lambda entry: {**self._restored(entry), "successor": None})

    async def succeeded(self, ods_code: OdsCode, succession: Succession) -> None:
        """Another takes its place."""
        await self._follow(ods_code, lambda _: _succeeded(succession))

    async def publish_standing(self) -> None:
        """Let the registry have it; by and by, when it does not answer."""
        try:
            await self.published.send()
        except Unavailable:
            return  # the rounds go on with it

    async def _follow(self, ods_code: OdsCode, change: _Change) -> None:
        async with self.store.joined(self.organisation.ods_code) as session:
            row = await self._repository(session).find(ods_code, lock=True)
            if row is not None:
                await self._stand(session, row, change)

    # What the use cases share

    async def _decide(
        self, action: str, ods_code: OdsCode, change: _Change, by: Actor, *, asked_at: datetime | None = None
    ) -> EntryRow:
        async with self._changing(action, ods_code, by) as session:
            if await self._repository(session).roots():  # else there is no list yet that could say it
                await self.published.require_listed_operator()
            row = await self._repository(session).entry(ods_code, lock=True)
            if row.restore_asked_at != asked_at and asked_at is not None:
                raise Conflict("Somebody else has asked meanwhile.", code="nobody_asked")
            await self._stand(session, row, change)
            row.changed_by, row.changed_at = by.id, self.clock()
        await self.publish_standing()
        return await self.get(ods_code)

    async def _stand(self, session: AsyncSession, row: EntryRow, change: _Change) -> None:
        """Change how it stands in what is said and in what is published, and leave all else to `publish`."""
        row.said = _as_json(row.entry.model_copy(update=change(row.entry)))
        row.restore_asked_by = row.restore_asked_by_person = row.restore_asked_at = None
        if (listed := row.listed) is not None:
            now = row.entry
            standing = {"suspensions": now.suspensions, "successor": now.successor}
            row.published = _as_json(listed.model_copy(update=standing))
            await session.flush()
            await self.published.sign(session)

    def _say(self, row: EntryRow, entry: ListedOrganisation, by: Actor) -> None:
        row.said, row.changed_by, row.changed_at = _as_json(entry), by.id, self.clock()

    def _suspended(self, entry: ListedOrganisation) -> dict[str, Any]:
        return {"suspensions": (*entry.suspensions, Suspension(since=self.clock()))}

    def _restored(self, entry: ListedOrganisation) -> dict[str, Any]:
        now = self.clock()
        ended = [
            each if each.until is not None else Suspension(since=each.since, until=now)
            for each in entry.suspensions
        ]
        return {"suspensions": tuple(ended)}

    async def _require_free(self, repository: TrustRepository, entry: ListedOrganisation) -> None:
        """Raise `Conflict` when a DID is another organisation's."""
        for row in await repository.entries():
            published = () if row.listed is None else row.listed.dids
            if row.ods_code != entry.ods_code and {*row.entry.dids, *published} & set(entry.dids):
                raise Conflict("One of the DIDs is another organisation's.", code="did_listed_twice")

    def _changing(self, action: str, subject: str, by: Actor) -> _Unit:
        return self.audit.kept_with(self._unit(), action, actor=by.id, subject=subject)

    def _unit(self) -> _Unit:
        return self.store.joined(self.organisation.ods_code)

    def _repository(self, session: AsyncSession) -> TrustRepository:
        return TrustRepository(session, self.organisation.ods_code)


def _entry(
    ods_code: OdsCode, said: RegisterOrganisation, known: KnownOrganisation | None
) -> ListedOrganisation:
    asked = () if known is None or known.did is None else (known.did,)
    name = said.name or (known and known.name)
    region = said.region or (known and known.region)
    if not (name and region):
        lacking = dict.fromkeys(("name", "region"), "is needed: there is no application")
        raise InvalidInput("It is not known which organisation this is.", fields=lacking)
    return ListedOrganisation(
        ods_code=ods_code,
        name=name,
        region=region,
        dids=tuple(dict.fromkeys((*said.dids, *asked))),
        may_issue=said.may_issue,
        may_ask=said.may_ask,
    )


def _require_approved(known: KnownOrganisation | None) -> None:
    if known is not None and not known.is_approved:
        raise Conflict(
            "The organisation's registration is not approved; it is decided there.", code="not_approved"
        )


def _open(entry: ListedOrganisation) -> Suspension | None:
    return next((each for each in entry.suspensions if each.until is None), None)


def _require_not_suspended(entry: ListedOrganisation) -> None:
    if _open(entry) is not None:
        raise Conflict("The organisation is suspended.", code="entry_suspended")


def _require_not_succeeded(entry: ListedOrganisation, today: date) -> None:
    if entry.successor is not None and entry.successor.on <= today:
        raise Conflict("The organisation was succeeded already.", code="entry_succeeded")


def _require_in_order(succession: Succession, ods_code: OdsCode, today: date) -> None:
    if succession.successor == ods_code:
        raise InvalidInput("Nobody succeeds themselves.", fields={"successor": "is another organisation"})
    if not today <= succession.on <= succession.credentials_until <= today + FURTHEST_AHEAD:
        order = "is not before `on`, which is not before today; within two years"
        raise InvalidInput("The dates are not in order.", fields={"credentials_until": order})


def _require_suspended(entry: ListedOrganisation) -> None:
    if _open(entry) is None:
        raise Conflict("The organisation is not suspended.", code="entry_not_suspended")


def _succeeded(succession: Succession) -> dict[str, Any]:
    successor = Successor(
        ods_code=succession.successor, on=succession.on, credentials_until=succession.credentials_until
    )
    return {"successor": successor}


def _as_json(entry: ListedOrganisation) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_none=True)
