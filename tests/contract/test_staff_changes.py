"""How changes of staff reach those who do something about them, on a real PostgreSQL."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from acapy_agent.utils.testing import create_test_profile
from sqlalchemy import select

from agent.audit.chain import AuditChain
from agent.domain.passport import PassportState
from agent.domain.ports.personal_data import CategoryName, DataSubject
from agent.domain.ports.staff_changes import (
    Difference,
    StaffChange,
    StaffChangeConsumer,
    StaffChangeConsumers,
    StaffChangeKind,
    StaffChanges,
    ToldChange,
)
from agent.domain.ports.tasks import TaskKind
from agent.domain.workforce import AssignmentNumber, CheckType, EmployeeNumber, OdsCode, Organisation
from agent.esr_feed.layout import Kind
from agent.esr_plugin.events import hand_on
from agent.esr_plugin.feed_changes import StoredStaffChanges, dispatch
from agent.esr_plugin.feed_personal_data import FeedPersonalData
from agent.esr_plugin.feed_records import ChangeRow, SliceRow
from agent.issuer.records import PassportRow
from agent.issuer.staff_changes import TasksOfChanges
from agent.organisation.duties.tasks import StoredTasks, TaskRow
from agent.store.engine import Store

TODAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NURSE, FIRST, SECOND = (
    EmployeeNumber("90100001"),
    AssignmentNumber("90100001"),
    AssignmentNumber("90100001-2"),
)
HOURS = StaffChange(
    StaffChangeKind.ASSIGNMENT_CHANGED,
    NURSE,
    TODAY,
    FIRST,
    differences=(Difference("fte", "1.00", "0.60"), Difference("payBand", "5", "6")),
)
LEFT = StaffChange(StaffChangeKind.PERSON_LEFT, NURSE, TODAY)
LAPSED = StaffChange(StaffChangeKind.CHECK_LAPSED, NURSE, TODAY, check=CheckType.RIGHT_TO_WORK)
_codes = count(1)


@pytest.fixture
def own() -> Organisation:
    return Organisation(OdsCode(f"ZY{next(_codes):03}"), "Northmoor")


@pytest.fixture
def changes(store: Store, own: Organisation) -> StoredStaffChanges:
    return StoredStaffChanges(store, own.ods_code)


async def happen(store: Store, own: Organisation, *happened: StaffChange, at: datetime = NOON) -> None:
    """As an import tells them."""
    async with store.unit(own.ods_code) as session:
        session.add_all(
            ChangeRow(
                organisation=own.ods_code,
                position=position,
                kind=change.kind,
                employee_number=change.person,
                assignment_number=change.assignment,
                check=change.check,
                differences=[asdict(each) for each in change.differences],
                day=change.on,
                told_at=at,
            )
            for position, change in enumerate(happened, start=1)
        )


@dataclass
class Listener(StaffChangeConsumer):
    """Hears of changes, and is killed at one of them, before or after it has handled it."""

    name: str = "listener"
    heard: list[int] = field(default_factory=list)
    killed_at: int = 0

    async def handle(self, told: ToldChange) -> None:
        self.heard.append(told.position)
        if told.position == self.killed_at:
            self.killed_at = 0
            raise SystemExit


async def test_a_consumer_hears_every_change_in_order_and_whole(
    store: Store, own: Organisation, changes: StoredStaffChanges
) -> None:
    await happen(store, own, HOURS, LEFT, LAPSED)

    told = await changes.after_cursor("listener", limit=10)

    assert told == [ToldChange(1, HOURS), ToldChange(2, LEFT), ToldChange(3, LAPSED)]


async def test_what_was_acknowledged_does_not_come_again(
    store: Store, own: Organisation, changes: StoredStaffChanges
) -> None:
    await happen(store, own, HOURS, LEFT)
    listener = Listener()

    assert await dispatch(changes, listener) == 2
    assert await dispatch(changes, listener) == 0
    assert listener.heard == [1, 2]


async def test_who_is_killed_between_handling_and_acknowledging_hears_it_again(
    store: Store, own: Organisation, changes: StoredStaffChanges
) -> None:
    await happen(store, own, HOURS, LEFT, LAPSED)
    listener = Listener(killed_at=2)
    with pytest.raises(SystemExit):
        await dispatch(changes, listener)

    await dispatch(StoredStaffChanges(store, own.ods_code), listener)

    assert listener.heard == [1, 2, 2, 3]


async def test_each_consumer_has_a_cursor_of_its_own(
    store: Store, own: Organisation, changes: StoredStaffChanges
) -> None:
    await happen(store, own, HOURS, LEFT)
    first, second = Listener("first", killed_at=1), Listener("second")
    with pytest.raises(SystemExit):
        await dispatch(changes, first)
    await dispatch(changes, second)

    assert (first.heard, second.heard) == ([1], [1, 2])


class Broken(Listener):
    """One that cannot do what is to be done."""

    async def handle(self, told: ToldChange) -> None:
        raise ValueError(told.position)


async def test_one_consumers_fault_keeps_no_other_from_its_changes(
    store: Store, own: Organisation, changes: StoredStaffChanges
) -> None:
    await happen(store, own, HOURS, LEFT)
    listener, consumers, profile = Listener(), StaffChangeConsumers(), await create_test_profile()
    for kind in (Broken, Listener):
        consumers.add(kind)
    profile.context.injector.bind_instance(StaffChanges, changes)
    profile.context.injector.bind_instance(Organisation, own)
    profile.context.injector.bind_instance(Store, store)
    profile.context.injector.bind_instance(StaffChangeConsumers, consumers)
    profile.context.injector.bind_instance(Broken, Broken("broken"))
    profile.context.injector.bind_instance(Listener, listener)

    await hand_on(profile)

    assert listener.heard == [1, 2]
    assert [each.position for each in await changes.after_cursor("broken", limit=10)] == [1, 2]


async def test_a_cursor_never_goes_back(store: Store, own: Organisation, changes: StoredStaffChanges) -> None:
    await happen(store, own, HOURS, LEFT, LAPSED)
    await changes.acknowledge("listener", 2)
    await changes.acknowledge("listener", 1)

    assert [each.position for each in await changes.after_cursor("listener", limit=10)] == [3]


async def test_nobody_hears_of_another_organisations_staff(store: Store, own: Organisation) -> None:
    await happen(store, own, HOURS)

    assert not await StoredStaffChanges(store, OdsCode("ZZOTH")).after_cursor("listener", limit=10)


class Office:
    """HR with passports, and a consumer that opens tasks."""

    def __init__(self, store: Store, own: Organisation) -> None:
        self.store, self.own = store, own
        audit = AuditChain(store, own.ods_code, b"a salt of a test")
        self.tasks = StoredTasks(store, own.ods_code, audit)
        self.consumer = TasksOfChanges(store, own, self.tasks)

    async def has_a_passport(self, number: str, state: PassportState = PassportState.ACTIVE) -> str:
        name = str(uuid4())
        async with self.store.unit(self.own.ods_code) as session:
            session.add(
                PassportRow(
                    organisation=self.own.ods_code,
                    id=name,
                    state=state,
                    holder_name="Amara Fennwick",
                    employee_number=NURSE,
                    assignment_number=number,
                    connection=str(uuid4()),
                    created_by="ottilie",
                    created_at=NOON,
                    invitation_expires_at=NOON,
                )
            )
        return name

    async def hears(self, change: StaffChange, position: int = 1) -> None:
        await self.consumer.handle(ToldChange(position, change))

    async def open_tasks(self) -> list[tuple[str, str, str, str | None]]:
        query = select(TaskRow).where(TaskRow.organisation == self.own.ods_code)
        async with self.store.unit(self.own.ods_code) as session:
            rows = await session.scalars(query.order_by(TaskRow.opened_at))
            return [(row.kind, row.passport, row.reason, row.comment) for row in rows]


@pytest.fixture
def office(store: Store, own: Organisation) -> Office:
    return Office(store, own)


async def test_a_change_of_an_assignment_with_a_passport_is_a_task_that_names_its_fields(
    office: Office,
) -> None:
    passport = await office.has_a_passport(FIRST)
    await office.hears(HOURS)

    assert await office.open_tasks() == [
        (TaskKind.STAFF_CHANGE, passport, "assignment_changed", "fte, payBand")
    ]


async def test_a_change_that_comes_twice_is_one_task_and_two_changes_are_two(office: Office) -> None:
    await office.has_a_passport(FIRST)
    await office.hears(HOURS, 1)
    await office.hears(HOURS, 1)
    assert len(await office.open_tasks()) == 1
    await office.hears(HOURS, 2)

    assert len(await office.open_tasks()) == 2


async def test_a_change_of_a_person_is_a_task_for_each_of_their_open_passports(office: Office) -> None:
    passports = {await office.has_a_passport(number) for number in (FIRST, SECOND)}
    await office.hears(LAPSED)

    found = await office.open_tasks()
    assert {passport for _, passport, _, _ in found} == passports
    assert {comment for _, _, _, comment in found} == {"right_to_work"}


@pytest.mark.parametrize(
    ("number", "state"), [(SECOND, PassportState.ACTIVE), (FIRST, PassportState.DEACTIVATED)]
)
async def test_what_no_open_passport_rests_on_is_no_task(
    office: Office, number: str, state: PassportState
) -> None:
    await office.has_a_passport(number, state)
    await office.hears(HOURS)

    assert await office.open_tasks() == []


async def test_a_person_is_told_what_is_kept_of_them_and_who_left_can_have_it_erased(
    store: Store, own: Organisation
) -> None:
    await happen(store, own, HOURS)
    async with store.unit(own.ods_code) as session:
        for kind, number in ((Kind.PERSON, NURSE), (Kind.ASSIGNMENT, FIRST)):
            session.add(a_slice(own, kind, number, ends=TODAY - timedelta(days=1)))
    data = FeedPersonalData(store, own, lambda: NOON)
    subject = DataSubject(employee_number=NURSE)

    assert [held.category for held in await data.held_of(subject)] == [
        f"{CategoryName.STAFF}: {Kind.ASSIGNMENT}",
        f"{CategoryName.STAFF}: {Kind.PERSON}",
        CategoryName.STAFF_CHANGES,
    ]
    assert await data.erase(subject) == 3
    assert await data.erase(subject) == 0
    assert await data.held_of(subject) == []


async def test_changes_and_what_has_ended_are_erased_when_their_time_is_over(
    store: Store, own: Organisation
) -> None:
    await happen(store, own, HOURS, LEFT)
    async with store.unit(own.ods_code) as session:
        session.add(a_slice(own, Kind.PERSON, NURSE, ends=TODAY))
    data = FeedPersonalData(store, own)

    for category, many in ((CategoryName.STAFF_CHANGES, 2), (CategoryName.STAFF, 1)):
        assert await data.due(category, before=NOON) == 0
        assert await data.due(category, before=NOON + timedelta(days=1)) == many
        assert await data.erase_due(category, before=NOON + timedelta(days=1)) == many
    assert await data.due(CategoryName.PASSPORTS, before=NOON + timedelta(days=1)) == 0


def a_slice(own: Organisation, kind: Kind, number: str, *, ends: date | None = None) -> SliceRow:
    return SliceRow(
        organisation=own.ods_code,
        kind=kind,
        record="500001" if kind is Kind.PERSON else "700001",
        starts=date(2020, 1, 6),
        ends=ends,
        person="500001",
        number=number,
        facts={},
        digest=uuid4().bytes,
    )
