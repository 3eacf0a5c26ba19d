from datetime import date

from agent.domain.credentials import PASSPORT_TYPES
from agent.domain.workforce import OdsCode, Organisation, Vpd
from bench.people import MemberOfStaff, eligible_staff

TODAY = date(2026, 11, 23)
NORTHMOOR = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))


def some_staff() -> list[MemberOfStaff]:
    return list(eligible_staff(7, "901", people=60, today=TODAY, employer=NORTHMOOR))


def test_only_those_are_taken_whom_our_policy_lets_pass() -> None:
    found = some_staff()

    assert 20 < len(found) < 60
    assert all(each.record.person.leaving_date is None for each in found)


def test_what_is_stated_of_them_is_what_our_agent_would_state() -> None:
    (first, *_) = some_staff()

    claims = first.claims(NORTHMOOR, TODAY)

    assert tuple(claims) == PASSPORT_TYPES
    assert {each["issuedOn"] for each in claims.values()} == {"2026-11-23"}
    assert len({each["passportReference"] for each in claims.values()}) == 1


def test_hr_keys_enough_to_find_each_of_them_surely() -> None:
    assert all(each.keyed["ni_number"] and each.keyed["date_of_birth"] for each in some_staff())


def test_the_same_people_come_in_the_same_order() -> None:
    numbers = [each.assignment_number for each in some_staff()]

    assert numbers == [each.assignment_number for each in some_staff()]
    assert len(numbers) == len(set(numbers))
