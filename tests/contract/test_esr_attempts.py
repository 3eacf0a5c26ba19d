"""How often somebody may search, counted in PostgreSQL; and what a burst of misses raises."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from agent.domain.actors import Actor
from agent.domain.errors import LimitReached, NotFound, PolicyRefused
from agent.domain.ports.administrators import Administrators, Notice
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.second_person import Asker
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.esr_plugin.attempts import AlertRow, AttemptRow, StoredAttempts
from agent.esr_plugin.limits import BURST, WINDOW, AttemptKind, Limits
from agent.esr_plugin.search_alerts import SearchAlerts
from agent.store.engine import Store
from tests.support.esr import NOON, AuditInMemory, an_actor

OURS = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
THEIRS = Organisation(OdsCode("ZZCB1"), "Calder Bay Community Care", Vpd("902"))
OTTILIE, KOFI = an_actor(), an_actor("90100002", user="kofi")
SEARCH, ROW = AttemptKind.SEARCH, AttemptKind.ROW
SECOND = timedelta(seconds=1)
FEW = Limits(
    searches_per_user=2,
    searches_per_organisation=3,
    rows_per_user=4,
    rows_per_organisation=4,
    missed_rows=2,
    misses=3,
)
MANY = replace(FEW, searches_per_user=50, searches_per_organisation=50)


@dataclass
class Told(Administrators):
    """What administrators were told."""

    notices: list[Notice] = field(default_factory=list)

    async def tell(self, notice: Notice) -> None:
        self.notices.append(notice)


class Everybody(NominatedUsers):
    """Users whose persons are known."""

    async def actor(self, user_id: str, *, signed_in_at: datetime | None = None) -> Actor:
        return replace(OTTILIE, id=user_id)

    async def asker(self, user_id: str | None, person: str | None) -> Asker | None:
        return Asker(str(user_id), person, None)


class Office:
    """One organisation's count, with limits that are soon reached."""

    def __init__(self, store: Store, own: Organisation = OURS, limits: Limits = FEW) -> None:
        self.audit, self.told = AuditInMemory(), Told()
        self.attempts = StoredAttempts(store, own, self.audit, self.told, limits)
        self.alerts = SearchAlerts(self.attempts, Everybody(), self.audit, lambda: NOON)

    async def miss(self, at: datetime, by: Actor = OTTILIE) -> None:
        attempt = await self.attempts.take(SEARCH, by=by, now=at)
        await self.attempts.missed(attempt, by=by, now=at)


@pytest.fixture(autouse=True)
async def nobody_has_searched(store: Store) -> None:
    for own in (OURS, THEIRS):
        async with store.unit(own.ods_code) as session:
            for table in (AttemptRow, AlertRow):
                await session.execute(delete(table))


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


@pytest.fixture
def busy(store: Store) -> Office:
    """An organisation that may search often."""
    return Office(store, limits=MANY)


async def test_a_user_waits_until_their_first_search_is_an_hour_ago(office: Office) -> None:
    for minutes in (0, 10):
        await office.attempts.take(SEARCH, by=OTTILIE, now=NOON + timedelta(minutes=minutes))
    with pytest.raises(LimitReached) as limit:
        await office.attempts.take(SEARCH, by=OTTILIE, now=NOON + timedelta(minutes=20))
    assert (limit.value.code, limit.value.retry_after) == ("search_limit_reached", 40 * 60)
    await office.attempts.take(SEARCH, by=OTTILIE, now=NOON + WINDOW)


async def test_all_users_of_an_organisation_have_a_limit_together(office: Office) -> None:
    for by in (OTTILIE, OTTILIE, KOFI):
        await office.attempts.take(SEARCH, by=by, now=NOON)
    with pytest.raises(LimitReached) as limit:
        await office.attempts.take(SEARCH, by=KOFI, now=NOON)
    assert limit.value.sentence.startswith("Your organisation has")


async def test_rows_of_batches_are_counted_by_themselves(office: Office) -> None:
    for _ in range(2):
        await office.attempts.take(SEARCH, by=OTTILIE, now=NOON)
    for _ in range(4):
        await office.attempts.take(ROW, by=OTTILIE, now=NOON)
    with pytest.raises(LimitReached):
        await office.attempts.take(ROW, by=OTTILIE, now=NOON)


async def test_rows_that_miss_have_a_limit_of_their_own_and_alert_when_it_is_reached(office: Office) -> None:
    for _ in range(2):
        attempt = await office.attempts.take(ROW, by=OTTILIE, now=NOON)
        await office.attempts.missed(attempt, by=OTTILIE, now=NOON)
    with pytest.raises(LimitReached):
        await office.attempts.take(ROW, by=OTTILIE, now=NOON)
    await office.attempts.take(ROW, by=KOFI, now=NOON)
    (alert,) = await office.alerts.page(after=None, limit=10)
    assert (alert.searcher, alert.misses) == ("ottilie", 2)


async def test_what_was_refused_for_the_limit_does_not_count_itself(office: Office) -> None:
    for _ in range(2):
        await office.attempts.take(SEARCH, by=OTTILIE, now=NOON)
    for _ in range(5):
        with pytest.raises(LimitReached):
            await office.attempts.take(SEARCH, by=OTTILIE, now=NOON + SECOND)
    await office.attempts.take(SEARCH, by=OTTILIE, now=NOON + WINDOW)


async def test_many_at_once_are_not_more_than_allowed(office: Office) -> None:
    tries = (office.attempts.take(SEARCH, by=OTTILIE, now=NOON) for _ in range(8))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, str) for each in answers) == 2


async def test_another_organisations_searches_do_not_count(store: Store, office: Office) -> None:
    for _ in range(2):
        await office.attempts.take(SEARCH, by=OTTILIE, now=NOON)
    await Office(store, THEIRS).attempts.take(SEARCH, by=OTTILIE, now=NOON)


async def test_a_burst_of_misses_alerts_the_administrators_once(busy: Office) -> None:
    for at in range(5):
        await busy.miss(NOON + at * SECOND)
    (alert,) = await busy.alerts.page(after=None, limit=10)
    assert (alert.searcher, alert.misses, alert.acknowledged_by) == ("ottilie", 3, None)
    assert busy.told.notices == [Notice.SEARCHES]
    assert busy.audit.entries == [("alert about searches", "system:esr", "ottilie")]


async def test_misses_that_are_far_apart_are_no_burst(busy: Office) -> None:
    for times in range(6):
        await busy.miss(NOON + times * BURST / 2)
    assert await busy.alerts.page(after=None, limit=10) == []


async def test_misses_of_two_users_are_nobodys_burst(busy: Office) -> None:
    for by in (OTTILIE, KOFI, OTTILIE, KOFI):
        await busy.miss(NOON, by)
    assert await busy.alerts.page(after=None, limit=10) == []


async def test_an_hour_later_there_is_another_alert(busy: Office) -> None:
    for at in (NOON, NOON + timedelta(hours=1)):
        for _ in range(3):
            await busy.miss(at)
    newest, oldest = await busy.alerts.page(after=None, limit=10)
    assert newest.at - oldest.at == timedelta(hours=1)
    assert await busy.alerts.page(after=(newest.at, newest.id), limit=10) == [oldest]


async def test_an_alert_is_seen_to_by_somebody_else_than_it_is_about(busy: Office) -> None:
    for _ in range(3):
        await busy.miss(NOON)
    (alert,) = await busy.alerts.page(after=None, limit=10)
    with pytest.raises(PolicyRefused):
        await busy.alerts.acknowledge(alert.id, by=OTTILIE)
    seen = await busy.alerts.acknowledge(alert.id, by=KOFI)
    assert (seen.acknowledged_by, seen.acknowledged_at) == ("kofi", NOON)


async def test_another_organisation_does_not_see_an_alert(store: Store, busy: Office) -> None:
    for _ in range(3):
        await busy.miss(NOON)
    (alert,) = await busy.alerts.page(after=None, limit=10)
    theirs = Office(store, THEIRS)
    assert await theirs.alerts.page(after=None, limit=10) == []
    with pytest.raises(NotFound):
        await theirs.alerts.acknowledge(alert.id, by=KOFI)
