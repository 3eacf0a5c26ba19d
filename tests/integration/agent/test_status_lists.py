"""What was decided is said by a list in the end, whoever publishes when, and whoever crashes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from agent.domain.clock import utc_now
from agent.domain.ports.status_lists import StatusPurpose
from agent.domain.workforce import OdsCode, Organisation
from agent.issuer.records import CredentialRepository, CredentialRow
from agent.issuer.status_lists import StatusListKeeping
from agent.store.engine import Store
from tests.support.neighbours import PublishedLists

SUSPENSION = StatusPurpose.SUSPENSION
MANY = 60


@dataclass
class Issuer:
    """An employing authority with one list a purpose, and what it published."""

    store: Store
    published: PublishedLists = field(default_factory=PublishedLists)
    own: Organisation = field(
        default_factory=lambda: Organisation(OdsCode(uuid4().hex[:6].upper()), "An issuer", None)
    )

    @property
    def lists(self) -> StatusListKeeping:
        return StatusListKeeping(store=self.store, organisation=self.own, publisher=self.published)

    async def a_credential(self, index: int) -> str:
        row = CredentialRow(
            organisation=self.own.ods_code,
            id=str(uuid4()),
            passport=str(uuid4()),
            type="identity",
            state="active",
            offered_by="ottilie@northmoor.example",
            offered_at=utc_now(),
            changed_at=utc_now(),
            list_number=1,
            list_index=index,
        )
        async with self.store.unit(self.own.ods_code) as session:
            session.add(row)
        return row.id

    async def decide_to_suspend(self, credential: str) -> None:
        """What a process has committed when it crashes before it publishes."""
        async with self.store.unit(self.own.ods_code) as session:
            repository = CredentialRepository(session, self.own.ods_code)
            (await repository.get(credential, lock=True)).suspended = True
            await self.lists.decided(session, SUSPENSION, 1)

    async def suspend(self, credential: str) -> None:
        await self.decide_to_suspend(credential)
        await self.lists.publish(SUSPENSION, 1)

    @property
    def said(self) -> list[set[int]]:
        """The indices in each version of the suspension list."""
        return [set(indices) for purpose, _, indices in self.published.versions if purpose is SUSPENSION]


@pytest.fixture
async def issuer(store: Store) -> Issuer:
    made = Issuer(store)
    await made.lists.have_published()
    return made


def once(act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """`act`, the first time it is called for."""
    left = [act]

    async def first() -> None:
        if left:
            await left.pop()()

    return first


async def test_a_list_is_published_once_before_the_first_offer(issuer: Issuer) -> None:
    await issuer.lists.have_published()

    assert [purpose for purpose, _, _ in issuer.published.versions] == list(StatusPurpose)


async def test_what_is_decided_while_a_list_is_published_is_said_by_the_next_round(issuer: Issuer) -> None:
    """Whoever decided it crashed before they could publish it themselves."""
    first, second = [await issuer.a_credential(index) for index in (11, 12)]
    issuer.published.meanwhile = once(lambda: issuer.decide_to_suspend(second))

    await issuer.suspend(first)
    await issuer.lists.renew()
    await issuer.lists.renew()

    assert issuer.said == [set(), {11}, {11, 12}]


async def test_many_who_suspend_at_once_are_said_by_few_versions(issuer: Issuer) -> None:
    credentials = [await issuer.a_credential(index) for index in range(MANY)]

    await asyncio.gather(*map(issuer.suspend, credentials))

    assert issuer.said[-1] == set(range(MANY))
    assert len(issuer.said) < MANY / 2


async def test_a_version_that_was_read_before_a_decision_does_not_count_for_it(issuer: Issuer) -> None:
    first, second = [await issuer.a_credential(index) for index in (11, 12)]
    waiting: list[asyncio.Task[None]] = []

    async def another_suspends() -> None:
        await issuer.decide_to_suspend(second)
        waiting.append(asyncio.create_task(issuer.lists.publish(SUSPENSION, 1)))

    issuer.published.meanwhile = once(another_suspends)

    await issuer.suspend(first)
    await asyncio.gather(*waiting)

    assert issuer.said == [set(), {11}, {11, 12}]


async def test_a_decision_about_a_list_that_was_never_published_is_not_forgotten(store: Store) -> None:
    issuer = Issuer(store)
    await issuer.decide_to_suspend(await issuer.a_credential(11))

    await issuer.lists.have_published()

    assert issuer.said == [{11}]
