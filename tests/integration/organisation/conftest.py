from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from agent.audit.chain import AuditChain
from agent.domain.actors import Actor, Role, permissions_of
from agent.domain.workforce import EmployeeNumber, OdsCode, Organisation
from agent.organisation.notifications import Notifications
from agent.organisation.people.links import new_token
from agent.organisation.people.records import InvitationRow, LinkPurpose
from agent.organisation.people.service import FirstPerson, NewPerson, People
from agent.store.engine import Store
from agent.store.migrations import upgrade
from staff_passport.embedded_postgres import Databases, EmbeddedPostgres
from tests.support.signing import Clock

type Json = dict[str, Any]


@pytest.fixture(scope="package")
def databases() -> Iterator[Databases]:
    with EmbeddedPostgres.temporary() as postgres:
        made = postgres.provide("organisation")
        upgrade(made.migration_url, agent_url=made.url, worker_role=made.worker_role)
        yield made


@pytest.fixture
async def store(databases: Databases) -> AsyncIterator[Store]:
    opened = Store.at(databases.url)
    yield opened
    await opened.dispose()


def a_director() -> dict[str, FirstPerson]:
    """Whom the settings name."""
    dele = FirstPerson("Dele Marchbanks", "director@office.example", frozenset({Role.HR_DIRECTOR}))
    return {"director": dele}


@dataclass
class Office:
    """One organisation's people, with a clock that can be moved. Each has a code of its own."""

    store: Store
    own: Organisation
    clock: Clock
    is_operator: bool = False
    first: dict[str, FirstPerson] = field(default_factory=a_director)

    @property
    def chain(self) -> AuditChain:
        return AuditChain(self.store, self.own.ods_code, b"a salt of a test")

    @property
    def notifications(self) -> Notifications:
        return Notifications(self.store, self.own, self.clock)

    @property
    def people(self) -> People:
        return People(
            self.store,
            self.own,
            self.chain,
            self.notifications,
            first=self.first,
            is_operator=self.is_operator,
            clock=self.clock,
        )

    async def director(self) -> Actor:
        return await self.people.actor("director")

    async def invited(self, name: str, *roles: Role, by: Actor, number: str | None = None) -> tuple[str, str]:
        """Nominate somebody; their id, and the token that is sent to them."""
        recorded = EmployeeNumber(number) if number else None
        new = NewPerson(name, f"{name}@office.example", frozenset(roles), recorded)
        row = await self.people.add(new, by=by)
        return row.id, await self.sent(row.id)

    async def sent(self, person: str, purpose: LinkPurpose = LinkPurpose.JOIN) -> str:
        """The token of the link that is sent to somebody now."""
        link = InvitationRow
        waiting = select(link.id).where(
            link.person == person,
            link.purpose == purpose,
            link.used_at.is_(None),
            link.expires_at > link.made_at,
        )
        async with self.store.unit(self.own.ods_code) as session:
            identifier = (await session.scalars(waiting)).one()
        token = new_token()
        assert await self.people.token_for(identifier, token) is not None
        return token

    async def joined(self, name: str, *roles: Role, by: Actor, number: str | None = None) -> Actor:
        """Nominate somebody, who signs in by their name."""
        _, token = await self.invited(name, *roles, by=by, number=number)
        await self.people.accept(token, by=newcomer(name, self.own.ods_code))
        return await self.people.actor(name)

    async def two_administrators(self) -> tuple[Actor, Actor]:
        director = await self.director()
        one = await self.joined("ada", Role.ADMINISTRATOR, by=director)
        return one, await self.joined("bo", Role.ADMINISTRATOR, by=director)


def newcomer(name: str, organisation: OdsCode) -> Actor:
    """Somebody who signed in and is nobody yet."""
    return Actor(name, organisation, frozenset(), None)


def somebody(*roles: Role, own: OdsCode, person: str = "somebody") -> Actor:
    return Actor(person, own, permissions_of(roles), None, person)


@pytest.fixture
def office(store: Store) -> Office:
    own = Organisation(OdsCode(uuid4().hex[:6].upper()), "The Office")
    return Office(store, own, Clock())


@pytest.fixture
def operators_office(office: Office) -> Office:
    return replace(office, is_operator=True)
