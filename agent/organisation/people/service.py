"""Use cases around the people who act: nominated, invited, changed, suspended, removed; and looked up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.actors import Actor, Role, permissions_of
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, NotFound, NotPermitted
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.ports.nominated_users import NOT_NOMINATED, NominatedUsers
from agent.domain.second_person import Asker
from agent.domain.workforce import EmployeeNumber, OdsCode, Organisation
from agent.organisation.notifications import NotificationKind, Notifications
from agent.organisation.people.links import LIFE, digest_of
from agent.organisation.people.policy import CHANGE, PersonChange
from agent.organisation.people.records import (
    InvitationRow,
    LinkPurpose,
    PeopleRepository,
    PersonRow,
    PersonStatus,
    WhoIs,
)
from agent.store.engine import Store

SYSTEM = "system:organisation"
"""The actor for what was configured at the start."""

type _Apply = Callable[[PersonRow], frozenset[Role]]
"""Changes a row; which roles that touches."""


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Somebody who is known before there is anybody to enter them."""

    name: str
    email: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Whom an administrator, or the director, enters."""

    name: str
    email: str
    roles: frozenset[Role]
    employee_number: EmployeeNumber | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different about somebody; None leaves a thing as it is."""

    name: str | None = None
    email: str | None = None
    roles: frozenset[Role] | None = None
    employee_number: EmployeeNumber | None = None
    without_employee_number: bool = False


class People(NominatedUsers):
    """One organisation's people, asked anew at every look-up: who was suspended a second ago is suspended."""

    def __init__(
        self,
        store: Store,
        organisation: Organisation,
        audit: Audit,
        notifications: Notifications,
        *,
        first: Mapping[str, FirstPerson],
        is_operator: bool,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._organisation = organisation.ods_code
        self._audit = audit
        self._notifications = notifications
        self._first = first
        self._is_operator = is_operator
        self._clock = clock

    # Look up

    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        async with self._store.joined(self._organisation) as session:
            people = PeopleRepository(session, self._organisation)
            person = await people.who_is(user_id)
            if person is None and user_id in self._first:
                await self._enter_first(people, session)
                # Asked again in any case: another replica may just have been first.
                person = await people.who_is(user_id)
        return _actor(self._organisation, user_id, person, signed_in_at)

    async def _enter_first(self, people: PeopleRepository, session: AsyncSession) -> None:
        """Enter whom the settings name for roles in which nobody acts, each by themselves.

        A sign-in that was somebody's is not entered: who was removed stays removed.
        """
        vacant = {role: not _active(await people.in_role(role)) for role in Role}
        known = await people.ever_signed_in(list(self._first))
        for user, each in self._first.items():
            if user in known or not all(vacant[role] for role in each.roles):
                continue
            with suppress(IntegrityError):  # another replica was first, or the address is somebody's
                async with session.begin_nested():
                    session.add(_first_row(self._organisation, user, each, self._clock()))

    async def asker(self, user_id: str | None, person: str | None) -> Asker | None:
        if user_id is None:
            return None
        number = None
        if person is not None:
            with suppress(NotFound):
                number = (await self.get(person)).employee_number
        return Asker(user_id, person, EmployeeNumber(number) if number else None)

    async def get(self, person: str) -> PersonRow:
        """One person. Raises `NotFound`."""
        async with self._store.unit(self._organisation) as session:
            return await PeopleRepository(session, self._organisation).get(person)

    async def page(
        self,
        *,
        status: PersonStatus | None,
        role: Role | None,
        name: str | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> Sequence[PersonRow]:
        """Up to `limit` people, by name."""
        async with self._store.unit(self._organisation) as session:
            people = PeopleRepository(session, self._organisation)
            return await people.page(status=status, role=role, name=name, after=after, limit=limit)

    # Enter and invite

    async def add(self, new: NewPerson, *, by: Actor) -> PersonRow:
        """Enter somebody and invite them by e-mail.

        Raises `PolicyRefused`, and `Conflict` with code `person_exists` for an address that somebody has.
        """
        row = PersonRow(
            organisation=self._organisation,
            id=str(uuid4()),
            name=new.name,
            email=new.email.lower(),
            roles=sorted(new.roles),
            status=PersonStatus.INVITED,
            employee_number=new.employee_number,
            added_by=by.id,
            added_at=self._clock(),
            changed_at=self._clock(),
        )
        async with self._audit.kept_with(
            self._store.unit(self._organisation), "nominate person", actor=by.id, subject=row.id
        ) as session:
            CHANGE.require(PersonChange(by, None, new.roles, self._is_operator, numbers=_numbers(row)))
            PeopleRepository(session, self._organisation).add(row)
            await _kept(session)
            await self._invite(session, row, by, LinkPurpose.JOIN)
        return row

    async def invite_again(self, person: str, *, by: Actor) -> PersonRow:
        """Send somebody another link in place of the first. Raises `Conflict` unless they are invited."""
        async with self._audit.kept_with(
            self._store.unit(self._organisation), "invite person", actor=by.id, subject=person
        ) as session:
            row = await PeopleRepository(session, self._organisation).get(person, lock=True)
            CHANGE.require(PersonChange(by, row.id, _roles(row), self._is_operator, numbers=_numbers(row)))
            if row.status != PersonStatus.INVITED:
                raise Conflict(f"This person is {row.status}, not invited.", code=f"person_{row.status}")
            await self._invite(session, row, by, LinkPurpose.JOIN)
        return row

    async def ask_for_proof(self, person: PersonRow, *, by: Actor) -> None:
        """Send somebody a link that proves their address, in the unit of work in hand."""
        async with self._store.joined(self._organisation) as session:
            await self._invite(session, person, by, LinkPurpose.PROVE_EMAIL)

    async def _invite(self, session: AsyncSession, row: PersonRow, by: Actor, purpose: LinkPurpose) -> None:
        people = PeopleRepository(session, self._organisation)
        await people.end_invitations(row.id, (purpose,))
        made = InvitationRow(
            organisation=self._organisation,
            id=str(uuid4()),
            person=row.id,
            purpose=purpose,
            email=row.email,
            made_by=by.id,
            made_at=self._clock(),
            expires_at=self._clock() + LIFE,
        )
        people.add(made)
        await session.flush()
        kind = NotificationKind.INVITATION if purpose is LinkPurpose.JOIN else NotificationKind.EMAIL_PROOF
        await self._notifications.ask(kind, row.id, about=made.id)

    async def token_for(self, invitation: str, token: str) -> InvitationRow | None:
        """Let `token` open this link from now on, and no earlier one; None when the link was ended."""
        async with self._store.unit(self._organisation) as session:
            row = await PeopleRepository(session, self._organisation).invitation(invitation, lock=True)
            if row is None or row.used_at is not None or row.expires_at <= row.made_at:
                return None
            row.token, row.expires_at = digest_of(token), self._clock() + LIFE
        return row

    async def accept(self, token: str, *, by: Actor) -> PersonRow:
        """Whoever signed in takes up the link that was sent to them, and acts from now on.

        Raises `NotFound` for a link that is unknown, used, ended or too old; `Conflict` with code
        `user_exists` when this sign-in is somebody's already.
        """
        async with self._store.unit(self._organisation) as session:
            people = PeopleRepository(session, self._organisation)
            link = await self._opened(people, token, LinkPurpose.JOIN)
            row = await people.get(link.person, lock=True)
            if row.status != PersonStatus.INVITED:
                raise _no_link()
            if await people.of_user(by.id) is not None:
                raise Conflict("You act for this organisation already.", code="user_exists")
            intent = await self._audit.intend_within("take up invitation", actor=by.id, subject=row.id)
            link.used_at = row.first_signed_in_at = row.changed_at = self._clock()
            row.user, row.status = by.id, PersonStatus.ACTIVE
            # A session from before somebody with this sign-in was removed does not come back with the link.
            row.sessions_from = await people.sessions_ended(by.id)
            await self._audit.conclude(intent, AuditOutcome.DONE)
        return row

    async def proven_by(self, token: str) -> tuple[str, str]:
        """Which person's address the link proves, and which one, in the unit in hand. Raises `NotFound`."""
        async with self._store.joined(self._organisation) as session:
            people = PeopleRepository(session, self._organisation)
            link = await self._opened(people, token, LinkPurpose.PROVE_EMAIL)
            link.used_at = self._clock()
            return link.person, link.email

    async def _opened(self, people: PeopleRepository, token: str, purpose: LinkPurpose) -> InvitationRow:
        link = await people.invitation_with(digest_of(token))
        if link is None or link.purpose != purpose or link.used_at or link.expires_at <= self._clock():
            raise _no_link()
        return link

    # Change

    async def change(self, person: str, changes: Changes, *, by: Actor) -> PersonRow:
        """Change somebody's name, address, roles or employee number. Raises `PolicyRefused`, `Conflict`.

        Another address or number makes somebody else of them: whoever changes it has to be able to give them
        all of their roles.
        """

        def apply(row: PersonRow) -> frozenset[Role]:
            before, was = _roles(row), (row.email, row.employee_number)
            after = before if changes.roles is None else changes.roles
            row.roles = sorted(after)
            row.name = changes.name or row.name
            row.email = (changes.email or row.email).lower()
            row.employee_number = None if changes.without_employee_number else row.employee_number
            row.employee_number = changes.employee_number or row.employee_number
            return before ^ after if was == (row.email, row.employee_number) else before | after

        return await self._changed("change person", person, apply, by)

    async def suspend(self, person: str, *, by: Actor) -> PersonRow:
        """Let somebody do nothing for a while; what they have open ends at once."""
        return await self._become("suspend person", person, PersonStatus.SUSPENDED, by)

    async def restore(self, person: str, *, by: Actor) -> PersonRow:
        """Let somebody act again who was suspended; they sign in anew."""
        return await self._become("restore person", person, PersonStatus.ACTIVE, by)

    async def remove(self, person: str, *, by: Actor) -> PersonRow:
        """Let somebody do nothing any more; their sessions and links end at once."""
        return await self._become("remove person", person, PersonStatus.REMOVED, by)

    async def _become(self, action: str, person: str, to: PersonStatus, by: Actor) -> PersonRow:
        def apply(row: PersonRow) -> frozenset[Role]:
            _require(PersonStatus(row.status), to)
            row.status = to
            row.sessions_from = self._clock().replace(microsecond=0)  # as assertions tell time
            if to is PersonStatus.REMOVED:
                # Whoever signs in with it is nobody here, until they are invited anew.
                row.user, row.was_user = None, row.user
            return _roles(row)

        return await self._changed(action, person, apply, by, suspends=to is PersonStatus.SUSPENDED)

    async def _changed(
        self, action: str, person: str, apply: _Apply, by: Actor, *, suspends: bool = False
    ) -> PersonRow:
        """Change one row under the administrators' lock, so that no two go at the same time."""
        async with self._audit.kept_with(
            self._store.unit(self._organisation), action, actor=by.id, subject=person
        ) as session:
            people = PeopleRepository(session, self._organisation)
            before = _active(await people.in_role(Role.ADMINISTRATOR, lock=True))
            row = await people.get(person, lock=True)
            address, numbers = row.email, _numbers(row)
            touched = apply(row)
            left = len(before - {row.id} | ({row.id} if _is_administrator(row) else set()))
            fewer = left if left < len(before) else None
            numbers |= _numbers(row)
            change = PersonChange(by, row.id, touched, self._is_operator, fewer, suspends, numbers)
            CHANGE.require(change)
            row.changed_at = self._clock()
            await _kept(session)
            await self._end_links(session, row, by, before=address)
        return row

    async def _end_links(self, session: AsyncSession, row: PersonRow, by: Actor, *, before: str) -> None:
        """No link outlives the person, or the address to which it was sent."""
        if row.status != PersonStatus.REMOVED and row.email == before:
            return
        await PeopleRepository(session, self._organisation).end_invitations(row.id)
        if row.status == PersonStatus.INVITED:
            await self._invite(session, row, by, LinkPurpose.JOIN)


def _actor(organisation: OdsCode, user_id: str, person: WhoIs | None, signed_in_at: datetime | None) -> Actor:
    if person is None:
        raise NotPermitted("You are not a nominated user of this organisation.", code=NOT_NOMINATED)
    if person.status != PersonStatus.ACTIVE:
        raise NotPermitted(
            "Your nomination is suspended; an administrator can restore it.", code="user_suspended"
        )
    if signed_in_at is not None and person.sessions_from is not None and signed_in_at < person.sessions_from:
        raise NotPermitted("Your session was ended. Sign in again.", code="session_ended")
    number = EmployeeNumber(person.employee_number) if person.employee_number else None
    return Actor(user_id, organisation, permissions_of(map(Role, person.roles)), number, person.id)


def _first_row(organisation: OdsCode, user: str, first: FirstPerson, now: datetime) -> PersonRow:
    return PersonRow(
        organisation=organisation,
        id=str(uuid4()),
        user=user,
        name=first.name,
        email=first.email.lower(),
        roles=sorted(first.roles),
        status=PersonStatus.ACTIVE,
        added_by=SYSTEM,
        added_at=now,
        changed_at=now,
    )


async def _kept(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(
            "Somebody with this e-mail address is nominated already.", code="person_exists"
        ) from error


def _roles(row: PersonRow) -> frozenset[Role]:
    return frozenset(map(Role, row.roles))


def _numbers(row: PersonRow) -> frozenset[str]:
    return frozenset((row.employee_number,)) if row.employee_number else frozenset()


def _is_administrator(row: PersonRow) -> bool:
    return row.status == PersonStatus.ACTIVE and row.has_role(Role.ADMINISTRATOR)


def _active(rows: Iterable[PersonRow]) -> frozenset[str]:
    return frozenset(row.id for row in rows if row.status == PersonStatus.ACTIVE)


_FROM = {
    PersonStatus.SUSPENDED: frozenset({PersonStatus.ACTIVE}),
    PersonStatus.ACTIVE: frozenset({PersonStatus.SUSPENDED}),
    PersonStatus.REMOVED: frozenset({PersonStatus.INVITED, PersonStatus.ACTIVE, PersonStatus.SUSPENDED}),
}


def _require(status: PersonStatus, to: PersonStatus) -> None:
    if status not in _FROM[to]:
        raise Conflict(f"This person is {status}, so they cannot become {to}.", code=f"person_{status}")


def _no_link() -> NotFound:
    return NotFound(
        "This link cannot be used: it was used before, replaced by a newer one, or is older than 72 hours.",
        code="link_not_found",
    )
