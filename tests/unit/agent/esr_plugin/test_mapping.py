"""ESR's records as the domain has them, odd ones and malformed ones too."""

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import StaffPassportError
from agent.domain.workforce import (
    Assignment,
    AssignmentNumber,
    AssignmentStatus,
    CheckOutcome,
    CheckType,
    EmployeeNumber,
    EmploymentCheck,
    Person,
    Position,
)
from agent.esr_plugin import mapping
from agent.esr_plugin.mapping import MalformedAnswer
from tests.support.esr import TODAY, a_directory, criteria

DIRECTORY = a_directory()


def the_nurse() -> dict[str, Any]:
    return DIRECTORY.member("901", "90100010").person.on_the_wire()


def an_assignment(**changes: object) -> dict[str, Any]:
    return DIRECTORY.member("901", "90100010").assignments[0].on_the_wire() | changes


def the_checks(number: str = "90100010") -> list[dict[str, Any]]:
    return [check.on_the_wire() for check in DIRECTORY.member("901", number).checks]


def mapped(**changes: object) -> Assignment:
    return mapping.assignments({"assignments": [an_assignment(**changes)]})[0]


def test_a_person_is_mapped_whole() -> None:
    hired = date(2023, 8, 11)
    assert mapping.person(the_nurse() | {"csd3Months": "2023-08-11", "middleNames": " Jane "}) == Person(
        employee_number=EmployeeNumber("90100010"),
        legal_first_name="Amara",
        middle_names="Jane",
        legal_surname="Fennwick",
        preferred_name="",
        date_of_birth=date(1990, 5, 17),
        continuous_service_date=hired,
        leaving_date=None,
    )


def test_an_assignment_is_mapped_whole() -> None:
    assert mapped(earliestAssignmentStart="2023-08-11", contractEndDate="2027-01-31", fte=0.8) == Assignment(
        number=AssignmentNumber("90100010"),
        position=Position(
            number="3100010",
            title="Staff Nurse",
            department="Ward 7 Medicine",
            area_of_work="Acute Medicine",
            staff_group="Nursing and Midwifery Registered",
            job_role="Staff Nurse",
            occupation_code="N6A",
            pay_band="Review Body Band 5",
        ),
        category="Permanent",
        status=AssignmentStatus.ACTIVE,
        primary=True,
        fte="0.80",
        start=date(2023, 8, 11),
        end=None,
        fixed_term_end=date(2027, 1, 31),
    )


def test_checks_are_mapped_in_the_order_of_the_standards_with_their_details() -> None:
    checks = mapping.checks({"checks": list(reversed(the_checks()))})
    assert [each.type for each in checks] == list(CheckType)
    assert checks[4] == EmploymentCheck(
        type=CheckType.CRIMINAL_RECORD,
        outcome=CheckOutcome.CLEAR,
        checked_on=checks[0].checked_on,
        checked_by="Recruitment Services",
        expires_on=checks[4].expires_on,
        details=(
            ("dbsLevel", "Enhanced"),
            ("dbsCertificateReference", "001790100010"),
            ("dbsIssueDate", dict(checks[4].details)["dbsIssueDate"]),
            ("dbsUpdateService", "true"),
            ("dbsBarredLists", "adults_and_children"),
        ),
    )
    assert dict(checks[0].details) == {"gpg45Profile": "H1A"}
    assert dict(checks[5].details) == {"workHealthRestrictions": "false"}


def test_a_check_that_esr_does_not_have_stays_absent() -> None:
    checks = {each.type: each for each in mapping.checks({"checks": the_checks("90100014")})}
    assert CheckType.WORK_HEALTH not in checks
    assert checks[CheckType.CRIMINAL_RECORD].outcome is CheckOutcome.PENDING
    assert checks[CheckType.CRIMINAL_RECORD].checked_on is None


def test_one_assignment_given_twice_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        mapping.assignments({"assignments": [an_assignment(), an_assignment(assignmentCategory="Bank")]})


def test_an_assignment_that_ends_before_it_starts_is_malformed() -> None:
    same_day = mapped(earliestAssignmentStart="2026-03-01", assignmentEndDate="2026-03-01")
    assert same_day.start == same_day.end
    with pytest.raises(MalformedAnswer) as malformed:
        mapped(earliestAssignmentStart="2026-03-01", assignmentEndDate="2026-02-28")
    assert malformed.value.where == "assignmentEndDate"


def test_one_check_given_twice_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        mapping.checks({"checks": [the_checks()[0], the_checks()[0]]})


@pytest.mark.parametrize("open_date", [None, "", "1900-01-01", "4712-12-31"])
def test_an_open_end_is_no_end_however_esr_writes_it(open_date: str | None) -> None:
    assignment = mapped(effectiveEnd=open_date, assignmentEndDate=open_date, contractEndDate=open_date)
    assert (assignment.end, assignment.fixed_term_end) == (None, None)


def test_the_earlier_of_two_ends_counts() -> None:
    assert mapped(effectiveEnd="2026-12-31", assignmentEndDate="2026-11-30").end == date(2026, 11, 30)
    assert mapped(effectiveEnd="2026-10-31", assignmentEndDate="2026-11-30").end == date(2026, 10, 31)


def test_an_assignment_without_an_earliest_start_began_with_its_terms() -> None:
    assert mapped(earliestAssignmentStart="1900-01-01", effectiveStart="2024-02-29").start == date(
        2024, 2, 29
    )


def test_an_assignment_that_never_began_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        mapped(earliestAssignmentStart=None, effectiveStart="4712-12-31")


def test_the_primary_assignment_comes_first_and_the_others_by_number() -> None:
    listed = [
        an_assignment(assignmentNumber=f"90100010{suffix}", primaryAssignment=primary)
        for suffix, primary in (("", "No"), ("-10", "No"), ("-2", "No"), ("-3", "Yes"))
    ]
    numbers = [each.number for each in mapping.assignments({"assignments": listed})]
    assert numbers == ["90100010-3", "90100010", "90100010-2", "90100010-10"]


def test_missing_parts_at_the_end_of_a_composite_are_empty() -> None:
    position = mapped(
        positionName="3559596|Bank Nurse Band 5", job="Nursing and Midwifery Registered", grade=""
    ).position
    assert (position.title, position.occupation_code, position.job_role, position.pay_band) == (
        "Bank Nurse Band 5",
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"positionName": "1|2|3|4|5"},
        {"userAssignmentStatus": "On Holiday"},
        {"primaryAssignment": "yes"},
        {"primaryAssignment": True},
        {"fte": "1.0"},
        {"fte": True},
        {"fte": float("nan")},
        {"fte": 40},
        {"effectiveEnd": "31/12/2026"},
        {"effectiveEnd": "2026-02-30"},
        {"effectiveEnd": 20261231},
        {"assignmentNumber": "9010001"},
        {"assignmentCategory": None},
    ],
)
def test_a_malformed_assignment_is_not_read_and_its_value_not_told(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedAnswer) as malformed:
        mapped(**changes)
    assert malformed.value.where in changes
    assert str(next(iter(changes.values()))) not in str(malformed.value)


@pytest.mark.parametrize("name", ["employeeNumber", "firstName", "lastName", "dateOfBirth"])
def test_a_person_without_a_name_number_or_birthday_is_malformed(name: str) -> None:
    for value in (None, "", 7):
        with pytest.raises(MalformedAnswer):
            mapping.person(the_nurse() | {name: value})


def test_a_candidate_has_every_name_by_which_somebody_may_know_them() -> None:
    names = {
        "maidenName": "Raventon",
        "previousLastName": "Alder",
        "preferredName": "Amy Alderton",
        "middleNames": "Jo",
    }
    (candidate,), complete = mapping.candidates({"people": [the_nurse() | names], "complete": True})
    assert candidate.surnames == ("Fennwick", "Raventon", "Alder", "Alderton")
    assert candidate.forenames == ("Amara", "Amara Jo", "Amy Alderton")
    assert complete


@pytest.mark.parametrize("ni", ["", None, "QQ123456C", "TN123456"])
def test_somebody_may_have_no_ni_number_or_an_odd_one(ni: str | None) -> None:
    (candidate,), _ = mapping.candidates({"people": [the_nurse() | {"niNumber": ni}], "complete": True})
    assert candidate.ni_number is None


def test_a_search_sends_what_esr_selects_by_and_no_names() -> None:
    assert mapping.search(criteria(ni="jr 48 29 13 b", number="90100010-2")) == {
        "dateOfBirth": "1990-05-17",
        "niNumber": "JR482913B",
        "employeeNumber": "90100010",
    }


def test_what_must_never_leave_esr_does_not_get_in() -> None:
    secret = {
        "annualSalary": "S3CRET",
        "ethnicOrigin": "S3CRET",
        "disabilityFlag": "S3CRET",
        "maritalStatus": "S3CRET",
    }
    read = (
        mapping.person(the_nurse() | secret),
        mapping.candidates({"people": [the_nurse() | secret], "complete": True}),
        mapping.assignments({"assignments": [an_assignment(**secret)]}),
        mapping.checks({"checks": [each | secret for each in the_checks()]}),
    )
    assert "S3CRET" not in str(read)


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
READERS = (mapping.person, mapping.assignments, mapping.checks, mapping.candidates, mapping.user_access)


@given(json)
def test_whatever_esr_answers_is_read_or_refused(answer: object) -> None:
    for read in READERS:
        with pytest.raises(StaffPassportError):
            read(answer)


@given(name=st.sampled_from(sorted(an_assignment())), value=json)
def test_one_field_of_any_kind_is_read_or_refused(name: str, value: object) -> None:
    with contextlib.suppress(MalformedAnswer):
        mapped(**{name: value})


def test_everyone_in_the_sandbox_is_readable() -> None:
    for member in a_directory(people=150).members("901"):
        mapping.person(member.person.on_the_wire())
        mapping.assignments({"assignments": [each.on_the_wire() for each in member.assignments]})
        mapping.checks({"checks": [each.on_the_wire() for each in member.checks]})
        mapping.user_access(member.access.on_the_wire())
        assert member.person.date_of_birth < TODAY
