"""From how somebody stood to how they stand: which changes there are, and what they say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.ports.staff_changes import Difference, StaffChange, StaffChangeKind
from agent.domain.workforce import AssignmentNumber, CheckOutcome, CheckType, EmployeeNumber
from agent.esr_feed.changes import KnownCheck, KnownPerson, Standing, changes

BEFORE, AFTER = date(2026, 11, 26), date(2026, 11, 27)
NUMBER = EmployeeNumber("90100001")
FIRST, SECOND = AssignmentNumber("90100001"), AssignmentNumber("90100001-2")
POST = {"positionTitle": "Staff Nurse", "fte": "1.00", "department": "Ward 7"}
REGISTRATION = {
    "registrationBody": "NMC",
    "registrationStatus": "Registered",
    "registrationExpiryDate": "2027-08-31",
    "registrationNumber": "5d0c",
}


def a_check(
    outcome: CheckOutcome = CheckOutcome.CLEAR, expires: date | None = None, **claims: str
) -> KnownCheck:
    return KnownCheck(outcome, expires, {"rightToWorkOutcome": outcome.value, **claims})


def all_checks() -> dict[CheckType, KnownCheck]:
    return {kind: KnownCheck(CheckOutcome.CLEAR, None, {}) for kind in CheckType} | {
        CheckType.RIGHT_TO_WORK: a_check()
    }


NURSE = KnownPerson(
    NUMBER, {"legalSurname": "Fennwick"}, {FIRST: POST}, all_checks(), {"900001": REGISTRATION}
)


def changed(after: KnownPerson | None, before: KnownPerson | None = NURSE) -> list[StaffChange]:
    return list(changes(Standing(BEFORE, before), Standing(AFTER, after)))


def with_right_to_work(check: KnownCheck) -> KnownPerson:
    return replace(NURSE, checks={**NURSE.checks, CheckType.RIGHT_TO_WORK: check})


def test_who_stands_as_before_makes_no_change() -> None:
    assert changed(NURSE) == []


def test_who_is_new_makes_no_change() -> None:
    assert changed(NURSE, before=None) == []


def test_a_changed_assignment_tells_each_field_before_and_after() -> None:
    after = replace(NURSE, assignments={FIRST: POST | {"fte": "0.60", "department": "Ward 9"}})

    assert changed(after) == [
        StaffChange(
            StaffChangeKind.ASSIGNMENT_CHANGED,
            NUMBER,
            AFTER,
            FIRST,
            differences=(Difference("department", "Ward 7", "Ward 9"), Difference("fte", "1.00", "0.60")),
        )
    ]


def test_a_second_assignment_is_new_and_makes_no_change_until_it_ends() -> None:
    both = replace(NURSE, assignments={FIRST: POST, SECOND: POST})

    assert changed(both) == []
    assert changed(NURSE, before=both) == [
        StaffChange(StaffChangeKind.ASSIGNMENT_ENDED, NUMBER, AFTER, SECOND)
    ]


def test_who_left_left_all_their_assignments() -> None:
    assert changed(None) == [
        StaffChange(StaffChangeKind.PERSON_LEFT, NUMBER, AFTER),
        StaffChange(StaffChangeKind.ASSIGNMENT_ENDED, NUMBER, AFTER, FIRST),
    ]


def test_a_changed_name_is_told_without_either_name() -> None:
    (change,) = changed(replace(NURSE, claims={"legalSurname": "Fennwyck"}))

    assert change == StaffChange(
        StaffChangeKind.PERSON_CHANGED, NUMBER, AFTER, differences=(Difference("legalSurname"),)
    )


def test_a_check_with_a_later_date_is_renewed() -> None:
    before, after = (
        with_right_to_work(a_check(rightToWorkExpiryDate=day)) for day in ("2026-12-01", "2027-12-01")
    )

    assert changed(after, before) == [
        StaffChange(
            StaffChangeKind.CHECK_RENEWED,
            NUMBER,
            AFTER,
            check=CheckType.RIGHT_TO_WORK,
            differences=(Difference("rightToWorkExpiryDate", "2026-12-01", "2027-12-01"),),
        )
    ]


@pytest.mark.parametrize("outcome", [CheckOutcome.NOT_CLEAR, CheckOutcome.PENDING])
def test_a_check_that_is_clear_no_more_has_lapsed(outcome: CheckOutcome) -> None:
    (change,) = changed(with_right_to_work(a_check(outcome)))

    assert (change.kind, change.check) == (StaffChangeKind.CHECK_LAPSED, CheckType.RIGHT_TO_WORK)
    assert change.differences == (Difference("rightToWorkOutcome", "clear", outcome.value),)


def test_a_check_that_is_gone_has_lapsed() -> None:
    rest = dict(NURSE.checks)
    del rest[CheckType.RIGHT_TO_WORK]
    (change,) = changed(replace(NURSE, checks=rest))

    assert change.kind is StaffChangeKind.CHECK_LAPSED


@pytest.mark.parametrize(("expires", "count"), [(BEFORE, 1), (AFTER, 0), (date(2026, 11, 25), 0)])
def test_a_check_lapses_by_time_on_the_day_after_its_last_and_once(expires: date, count: int) -> None:
    same = with_right_to_work(a_check(expires=expires))
    found = changed(same, same)

    assert [change.kind for change in found] == [StaffChangeKind.CHECK_LAPSED] * count


def test_a_registration_that_is_otherwise_never_tells_its_number() -> None:
    other = REGISTRATION | {"registrationNumber": "77aa", "registrationStatus": "Lapsed"}
    (change,) = changed(replace(NURSE, registrations={"900001": other}))

    assert change.kind is StaffChangeKind.REGISTRATION_CHANGED
    assert change.differences == (
        Difference("registrationNumber"),
        Difference("registrationStatus", "Registered", "Lapsed"),
    )


@pytest.mark.parametrize("registrations", [{}, {"900001": REGISTRATION, "900002": REGISTRATION}])
def test_a_registration_that_is_gone_or_new_is_a_change(registrations: dict[str, dict[str, str]]) -> None:
    (change,) = changed(replace(NURSE, registrations=registrations))

    assert change.kind is StaffChangeKind.REGISTRATION_CHANGED


def test_a_registration_runs_out_by_time() -> None:
    same = replace(
        NURSE, registrations={"900001": REGISTRATION | {"registrationExpiryDate": BEFORE.isoformat()}}
    )
    (change,) = changed(same, same)

    assert change.kind is StaffChangeKind.REGISTRATION_CHANGED
    assert [each.name for each in change.differences] == ["registrationExpiryDate"]


CLAIMS = st.dictionaries(st.sampled_from(["fte", "department", "payBand"]), st.sampled_from("ab"))


@given(CLAIMS, CLAIMS)
def test_differences_lead_from_what_was_to_what_is(was: Mapping[str, str], now: Mapping[str, str]) -> None:
    before, after = (replace(NURSE, assignments={FIRST: claims}) for claims in (was, now))
    led = dict(was)
    for change in changed(after, before):
        led |= {each.name: each.after or "" for each in change.differences}

    assert {name: value for name, value in led.items() if value} == dict(now)
