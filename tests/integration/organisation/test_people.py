"""Who acts for an organisation: how they come to, and how that ends."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from agent.domain.actors import Actor, Permission, Role
from agent.domain.errors import Conflict, NotFound, NotPermitted, PolicyRefused
from agent.domain.workforce import EmployeeNumber
from agent.organisation.people.records import PersonRow, PersonStatus
from agent.organisation.people.service import Changes, FirstPerson, NewPerson
from tests.integration.organisation.conftest import Office, newcomer


async def codes(attempt: object) -> list[str]:
    """Which rules an attempt breaks."""
    with pytest.raises(PolicyRefused) as refused:
        await attempt  # type: ignore[misc]  # a coroutine of any kind
    return [refusal.code for refusal in refused.value.refusals]


async def test_whoever_the_settings_name_acts_first_and_nobody_else_does(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not a nominated user"):
        await office.people.actor("somebody else")

    director = await office.director()

    assert director.may(Permission.ORGANISATION_REGISTER)
    assert not director.may(Permission.PASSPORT_READ)


async def test_who_was_removed_is_not_entered_again_by_the_settings(office: Office) -> None:
    ada, _ = await office.two_administrators()
    director = await office.director()
    second = await office.joined("second", Role.HR_DIRECTOR, by=director)

    await office.people.remove(str(director.person), by=second)

    with pytest.raises(NotPermitted):
        await office.people.actor("director")
    assert ada.may(Permission.PERSON_MANAGE)


async def test_replicas_that_meet_the_first_person_at_once_enter_them_once(office: Office) -> None:
    actors = await asyncio.gather(*(office.people.actor("director") for _ in range(6)))

    assert len({actor.person for actor in actors}) == 1


async def test_a_link_makes_whoever_signed_in_the_person_whom_it_was_sent_to(office: Office) -> None:
    director = await office.director()
    person, token = await office.invited("ada", Role.ADMINISTRATOR, by=director)

    with pytest.raises(NotPermitted):
        await office.people.actor("ada-signs-in")
    await office.people.accept(token, by=newcomer("ada-signs-in", office.own.ods_code))

    actor = await office.people.actor("ada-signs-in")
    assert actor.person == person
    assert actor.may(Permission.USER_NOMINATE)


async def test_a_link_is_used_once(office: Office) -> None:
    director = await office.director()
    _, token = await office.invited("ada", Role.ADMINISTRATOR, by=director)
    await office.people.accept(token, by=newcomer("ada", office.own.ods_code))

    with pytest.raises(NotFound):
        await office.people.accept(token, by=newcomer("mallory", office.own.ods_code))


async def test_a_link_is_good_for_72_hours(office: Office) -> None:
    director = await office.director()
    _, token = await office.invited("ada", Role.ADMINISTRATOR, by=director)
    _, late = await office.invited("bo", Role.ADMINISTRATOR, by=director)

    office.clock.pass_time(timedelta(hours=72) - timedelta(seconds=1))
    await office.people.accept(token, by=newcomer("ada", office.own.ods_code))
    office.clock.pass_time(timedelta(seconds=1))

    with pytest.raises(NotFound, match="older than 72 hours"):
        await office.people.accept(late, by=newcomer("bo", office.own.ods_code))


async def test_another_link_ends_the_one_before(office: Office) -> None:
    director = await office.director()
    person, first = await office.invited("ada", Role.ADMINISTRATOR, by=director)

    await office.people.invite_again(person, by=director)
    second = await office.sent(person)

    with pytest.raises(NotFound):
        await office.people.accept(first, by=newcomer("ada", office.own.ods_code))
    await office.people.accept(second, by=newcomer("ada", office.own.ods_code))


async def test_a_message_that_is_sent_twice_has_a_newer_link_which_alone_works(office: Office) -> None:
    director = await office.director()
    person, first = await office.invited("ada", Role.ADMINISTRATOR, by=director)
    second = await office.sent(person)

    with pytest.raises(NotFound):
        await office.people.accept(first, by=newcomer("ada", office.own.ods_code))
    await office.people.accept(second, by=newcomer("ada", office.own.ods_code))


async def test_no_token_is_kept_that_would_open_anything(office: Office) -> None:
    director = await office.director()
    _, token = await office.invited("ada", Role.ADMINISTRATOR, by=director)

    async with office.store.unit(office.own.ods_code) as session:
        tables = ("organisation.invitations", "organisation.notifications", "organisation.people")
        rows = [str((await session.execute(text(f"SELECT t::text FROM {each} t"))).all()) for each in tables]  # noqa: S608

    assert token not in "".join(rows)


async def test_one_sign_in_is_one_person(office: Office) -> None:
    ada, _ = await office.two_administrators()
    _, token = await office.invited("cy", Role.AUDITOR, by=ada)

    with pytest.raises(Conflict, match="already"):
        await office.people.accept(token, by=newcomer("ada", office.own.ods_code))


async def test_an_address_is_nominated_once_in_whatever_case(office: Office) -> None:
    ada, _ = await office.two_administrators()
    again = NewPerson("Ada", "ADA@office.example", frozenset({Role.AUDITOR}))

    with pytest.raises(Conflict) as refused:
        await office.people.add(again, by=ada)

    assert refused.value.code == "person_exists"


@pytest.mark.parametrize(
    ("giver", "role", "may"),
    [
        (Role.HR_DIRECTOR, Role.ADMINISTRATOR, True),
        (Role.HR_DIRECTOR, Role.HR_DIRECTOR, True),
        (Role.HR_DIRECTOR, Role.NOMINATED_USER, False),
        (Role.ADMINISTRATOR, Role.NOMINATED_USER, True),
        (Role.ADMINISTRATOR, Role.VERIFIER, True),
        (Role.ADMINISTRATOR, Role.AUDITOR, True),
        (Role.ADMINISTRATOR, Role.ADMINISTRATOR, True),
        (Role.ADMINISTRATOR, Role.HR_DIRECTOR, False),
        (Role.ADMINISTRATOR, Role.OPERATOR, False),
        (Role.NOMINATED_USER, Role.VERIFIER, False),
        (Role.AUDITOR, Role.AUDITOR, False),
    ],
)
async def test_each_role_is_given_by_whoever_may(
    office: Office, giver: Role, role: Role, *, may: bool
) -> None:
    ada, _ = await office.two_administrators()
    actors = {Role.HR_DIRECTOR: await office.director(), Role.ADMINISTRATOR: ada}
    by = actors.get(giver) or await office.joined("giver", giver, by=ada)
    new = NewPerson("New", "new@office.example", frozenset({role}))

    if may:
        assert (await office.people.add(new, by=by)).roles == [role]
    else:
        assert set(await codes(office.people.add(new, by=by))) <= {
            "role_not_yours_to_give",
            "not_the_operator",
        }


async def test_operators_are_nominated_at_the_operator(operators_office: Office) -> None:
    ada, _ = await operators_office.two_administrators()

    olu = await operators_office.joined("olu", Role.OPERATOR, by=ada)

    assert olu.may(Permission.APPLICATION_DECIDE)


@pytest.mark.parametrize("end", ["suspend", "remove", "demote"])
async def test_the_last_but_one_administrator_stays(office: Office, end: str) -> None:
    ada, bo = await office.two_administrators()
    attempts = {
        "suspend": lambda: office.people.suspend(str(bo.person), by=ada),
        "remove": lambda: office.people.remove(str(bo.person), by=ada),
        "demote": lambda: office.people.change(
            str(bo.person), Changes(roles=frozenset({Role.AUDITOR})), by=ada
        ),
    }

    assert await codes(attempts[end]()) == ["two_administrators_needed"]

    await office.joined("cy", Role.ADMINISTRATOR, by=ada)
    await attempts[end]()


async def test_an_administrator_who_was_only_invited_does_not_count(office: Office) -> None:
    ada, bo = await office.two_administrators()
    await office.invited("cy", Role.ADMINISTRATOR, by=ada)

    assert await codes(office.people.remove(str(bo.person), by=ada)) == ["two_administrators_needed"]


async def test_two_who_remove_one_another_at_once_do_not_both_go(office: Office) -> None:
    ada, bo = await office.two_administrators()
    cy = await office.joined("cy", Role.ADMINISTRATOR, by=ada)

    async def attempt(target: Actor, by: Actor) -> bool:
        try:
            await office.people.remove(str(target.person), by=by)
        except PolicyRefused:
            return False
        return True

    ended = await asyncio.gather(attempt(ada, bo), attempt(bo, cy), attempt(cy, ada))

    assert sum(ended) == 1


async def test_nobody_changes_their_own_record(office: Office) -> None:
    ada, _ = await office.two_administrators()
    own = str(ada.person)

    assert "own_record" in await codes(
        office.people.change(own, Changes(employee_number=EmployeeNumber("90100001")), by=ada)
    )
    assert "own_record" in await codes(office.people.suspend(own, by=ada))


async def test_an_employee_number_is_recorded_by_an_administrator_and_taken_away(office: Office) -> None:
    ada, _ = await office.two_administrators()
    user = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    person = str(user.person)
    assert user.employee_number is None

    await office.people.change(person, Changes(employee_number=EmployeeNumber("90100001")), by=ada)
    assert (await office.people.actor("ottilie")).employee_number == "90100001"
    await office.people.change(person, Changes(name="Ottilie Fane"), by=ada)
    assert (await office.people.actor("ottilie")).employee_number == "90100001"
    await office.people.change(person, Changes(without_employee_number=True), by=ada)
    assert (await office.people.actor("ottilie")).employee_number is None


async def test_whoever_is_suspended_does_nothing_from_that_moment(office: Office) -> None:
    ada, _ = await office.two_administrators()
    user = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)

    await office.people.suspend(str(user.person), by=ada)

    with pytest.raises(NotPermitted, match="suspended"):
        await office.people.actor("ottilie")


async def test_a_session_from_before_does_not_come_back_with_the_person(office: Office) -> None:
    ada, _ = await office.two_administrators()
    user = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    signed_in = office.clock.now
    office.clock.pass_time(timedelta(minutes=5))
    await office.people.suspend(str(user.person), by=ada)
    office.clock.pass_time(timedelta(minutes=5))
    await office.people.restore(str(user.person), by=ada)

    with pytest.raises(NotPermitted, match="Sign in again"):
        await office.people.actor("ottilie", signed_in_at=signed_in)
    await office.people.actor("ottilie", signed_in_at=office.clock.now)


async def test_whoever_is_removed_and_nominated_anew_signs_in_as_a_new_person(office: Office) -> None:
    ada, _ = await office.two_administrators()
    before = await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    await office.people.remove(str(before.person), by=ada)

    with pytest.raises(NotPermitted):
        await office.people.actor("ottilie")
    again = await office.joined("ottilie", Role.VERIFIER, by=ada)

    assert again.person != before.person
    assert not again.may(Permission.CREDENTIAL_OFFER)


async def test_removing_somebody_ends_a_link_that_they_have_not_used(office: Office) -> None:
    ada, _ = await office.two_administrators()
    person, token = await office.invited("cy", Role.AUDITOR, by=ada)

    await office.people.remove(person, by=ada)

    with pytest.raises(NotFound):
        await office.people.accept(token, by=newcomer("cy", office.own.ods_code))


async def test_what_was_refused_changed_nothing_and_stands_in_the_audit(office: Office) -> None:
    ada, bo = await office.two_administrators()
    await codes(office.people.remove(str(bo.person), by=ada))

    async with office.store.unit(office.own.ods_code) as session:
        rows = (await session.scalars(select(PersonRow).where(PersonRow.id == bo.person))).all()
    last = (await office.chain.entries(limit=500))[-1]

    assert [row.status for row in rows] == [PersonStatus.ACTIVE]
    assert (last.action, last.outcome, last.actor) == ("remove person", "refused", "ada")


async def test_a_link_goes_where_it_was_meant_and_ends_with_the_address(office: Office) -> None:
    ada, _ = await office.two_administrators()
    person, first = await office.invited("cy", Role.AUDITOR, by=ada)

    await office.people.change(person, Changes(email="cy@elsewhere.example"), by=ada)

    with pytest.raises(NotFound):
        await office.people.accept(first, by=newcomer("cy", office.own.ods_code))
    second = await office.sent(person)
    await office.people.accept(second, by=newcomer("cy", office.own.ods_code))


@pytest.mark.parametrize(
    "changes",
    [Changes(email="mallory@office.example"), Changes(employee_number=EmployeeNumber("90100001"))],
    ids=["address", "number"],
)
async def test_nobody_makes_somebody_else_of_a_person_whose_roles_they_cannot_give(
    office: Office, changes: Changes
) -> None:
    ada, _ = await office.two_administrators()
    director = await office.director()

    assert await codes(office.people.change(str(director.person), changes, by=ada)) == [
        "role_not_yours_to_give"
    ]
    await office.people.change(str(director.person), Changes(name="Dele M. Marchbanks"), by=ada)


async def test_an_administrator_suspends_a_director_and_only_a_director_restores_them(
    office: Office,
) -> None:
    ada, bo = await office.two_administrators()
    director = await office.director()
    second = await office.joined("second", Role.HR_DIRECTOR, by=director)

    await office.people.suspend(str(director.person), by=ada)

    with pytest.raises(NotPermitted, match="suspended"):
        await office.director()
    for attempt in (office.people.restore, office.people.remove):
        assert await codes(attempt(str(director.person), by=bo)) == ["role_not_yours_to_give"]
    await office.people.restore(str(director.person), by=second)
    assert (await office.director()).may(Permission.ORGANISATION_REGISTER)


async def test_where_no_director_acts_whom_the_settings_name_anew_does(office: Office) -> None:
    ada, _ = await office.two_administrators()
    director = await office.director()
    successor = FirstPerson("Sade Oyelaran", "sade@office.example", frozenset({Role.HR_DIRECTOR}))
    office.first["sade"] = successor
    with pytest.raises(NotPermitted):
        await office.people.actor("sade")

    await office.people.suspend(str(director.person), by=ada)

    assert (await office.people.actor("sade")).may(Permission.ORGANISATION_REGISTER)
    with pytest.raises(NotPermitted, match="suspended"):
        await office.director()


async def test_a_session_from_before_a_removal_does_not_come_back_with_a_new_nomination(
    office: Office,
) -> None:
    ada, _ = await office.two_administrators()
    await office.joined("ottilie", Role.NOMINATED_USER, by=ada)
    signed_in = office.clock.now
    office.clock.pass_time(timedelta(minutes=5))
    before = await office.people.actor("ottilie", signed_in_at=signed_in)
    await office.people.remove(str(before.person), by=ada)
    office.clock.pass_time(timedelta(minutes=5))
    await office.joined("ottilie", Role.NOMINATED_USER, by=ada)

    with pytest.raises(NotPermitted, match="Sign in again"):
        await office.people.actor("ottilie", signed_in_at=signed_in)
    await office.people.actor("ottilie", signed_in_at=office.clock.now)


async def test_whoever_the_settings_name_and_who_was_removed_stays_removed_whatever_their_address(
    office: Office,
) -> None:
    ada, _ = await office.two_administrators()
    director = await office.director()
    second = await office.joined("second", Role.HR_DIRECTOR, by=director)
    person = str(director.person)
    await office.people.change(person, Changes(email="dele@elsewhere.example"), by=second)
    await office.people.remove(person, by=second)
    await office.people.suspend(str(second.person), by=ada)

    with pytest.raises(NotPermitted, match="not a nominated user"):
        await office.director()


async def test_nobody_changes_a_second_record_of_themselves(office: Office) -> None:
    """It would be a way to agree to what one asked for oneself."""
    ada, _ = await office.two_administrators()
    number = "90100001"
    await office.joined("asks", Role.NOMINATED_USER, by=ada, number=number)
    agrees = await office.joined("agrees", Role.ADMINISTRATOR, Role.NOMINATED_USER, by=ada, number=number)
    asks = await office.people.actor("asks")

    for attempt in (
        office.people.change(str(asks.person), Changes(without_employee_number=True), by=agrees),
        office.people.change(str(ada.person), Changes(employee_number=EmployeeNumber(number)), by=agrees),
        office.people.add(
            NewPerson("A", "a@office.example", frozenset({Role.AUDITOR}), EmployeeNumber(number)), by=agrees
        ),
    ):
        assert await codes(attempt) == ["own_record"]
