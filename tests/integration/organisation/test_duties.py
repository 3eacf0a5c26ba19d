"""A controller's duties, put together from what each plugin answers for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from agent.audit.views import Views
from agent.domain.actors import Actor, Role
from agent.domain.errors import Conflict, Unavailable
from agent.domain.ports.personal_data import (
    Category,
    CategoryName,
    DataSubject,
    HeldRecord,
    PersonalData,
)
from agent.domain.workforce import EmployeeNumber
from agent.organisation.duties.own_data import OrganisationPersonalData
from agent.organisation.duties.service import ControllerDuties
from agent.organisation.duties.tasks import StoredTasks
from agent.organisation.notifications import NotificationKind
from tests.integration.organisation.conftest import Office, somebody

NURSE = DataSubject(EmployeeNumber("90100001"))


@dataclass
class Drawer(PersonalData):
    """What one plugin holds of one person; it does not always answer."""

    answers: list[bool] = field(default_factory=list)
    things: set[str] = field(default_factory=lambda: {"passport-1"})

    @property
    def categories(self) -> Sequence[Category]:
        return ()

    async def things_of(self, subject: DataSubject) -> frozenset[str]:
        return frozenset(self.things) if subject.employee_number else frozenset()

    async def held_of(self, subject: DataSubject) -> Sequence[HeldRecord]:
        return [HeldRecord(CategoryName.PASSPORTS, thing, {}) for thing in self.things & subject.things]

    async def require_erasable(self, subject: DataSubject) -> None:
        """Nothing counts any more."""

    async def erase(self, subject: DataSubject) -> int:
        if self.answers and not self.answers.pop(0):
            raise Unavailable("The wallet does not answer.", code="wallet_unavailable")
        gone = len(self.things & subject.things)
        self.things -= subject.things
        return gone

    async def due(self, category: CategoryName, *, before: datetime) -> int:
        return 0

    async def erase_due(self, category: CategoryName, *, before: datetime) -> int:
        return 0


def own_data(office: Office) -> OrganisationPersonalData:
    tasks = StoredTasks(office.store, office.own.ods_code, office.chain, office.clock)
    return OrganisationPersonalData(office.store, office.own.ods_code, tasks)


def duties(office: Office, *holders: PersonalData) -> ControllerDuties:
    return ControllerDuties(
        store=office.store,
        organisation=office.own,
        audit=office.chain,
        chain=office.chain,
        views=Views(office.store, office.own.ods_code, office.chain, office.clock),
        holders=holders,
        retention={},
        clock=office.clock,
    )


@pytest.fixture
def ada(office: Office) -> Actor:
    return somebody(Role.ADMINISTRATOR, own=office.own.ods_code, person="ada")


async def test_an_erasure_that_was_cut_short_is_finished_by_the_same_request(
    office: Office, ada: Actor
) -> None:
    first, second = Drawer(), Drawer([False, True], {"credential-1"})
    controller = duties(office, first, second, own_data(office))
    request = (await controller.request(NURSE, by=ada)).id

    with pytest.raises(Unavailable):
        await controller.erase(request, by=ada)
    assert (first.things, second.things) == (set(), {"credential-1"})
    assert await controller.erase(request, by=ada) == 1

    assert second.things == set()
    with pytest.raises(Conflict) as refused:
        await controller.erase(request, by=ada)
    assert refused.value.code == "erased"


async def test_somebody_who_acts_is_told_what_they_were_sent_and_that_they_are_known(
    office: Office,
) -> None:
    ada, _ = await office.two_administrators()
    user = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    controller = duties(office, own_data(office))
    request = (await controller.request(DataSubject(person=user.person), by=ada)).id

    export = await controller.export(request, by=ada)

    held = {record["category"] for record in export["records"]}
    assert {CategoryName.PEOPLE, CategoryName.MAIL, CategoryName.REQUESTS} <= held
    assert "token" not in {name for record in export["records"] for name in record["data"]}


async def test_who_was_removed_is_a_number_six_years_later_and_mail_is_forgotten_after_a_month(
    office: Office,
) -> None:
    ada, _ = await office.two_administrators()
    user = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    await office.people.remove(str(user.person), by=ada)
    controller = duties(office, own_data(office))
    assert await controller.erase_what_is_due(by=ada) == {}

    office.clock.pass_time(timedelta(days=34))
    assert set(await controller.erase_what_is_due(by=ada)) == {CategoryName.MAIL}
    assert await office.notifications.last_sent(str(user.person)) is None
    assert (await office.people.get(str(user.person))).name == "ottilie"
    office.clock.pass_time(timedelta(days=6 * 365))
    await office.notifications.ask(NotificationKind.REGISTRATION, str(ada.person))
    erased = await controller.erase_what_is_due(by=ada)

    row = await office.people.get(str(user.person))
    assert erased == {CategoryName.PEOPLE: 1}
    assert (row.name, row.employee_number) == ("", None)
    assert "ottilie" not in row.email
