"""The sandbox's people as they are searched and changed, invented or out of a dataset."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from esr_sandbox.directory import Directory, UnknownRecord
from esr_sandbox.generation import Wanted, generate
from esr_sandbox.records import Search, StaffMember
from tests.support.esr import TODAY, a_directory, sandbox_settings
from tests.support.outbound_files import Everybody, OutboundText

NURSE = "90100010"
ON = date(2026, 10, 1)


@pytest.fixture(params=["invented", "dataset"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Directory:
    if request.param == "invented":
        return a_directory(people=100)
    generate(Wanted(people=230, vpds=2, seed=7, on=ON), tmp_path / "dataset")
    return Directory(sandbox_settings(dataset=tmp_path / "dataset"), lambda: TODAY)


def found(directory: Directory, born: str, **others: str) -> list[str]:
    search = Search.model_validate({"dateOfBirth": born, **others})
    return [each.employee_number for each in directory.candidates("901", search)]


def changed(directory: Directory, **fields: object) -> StaffMember:
    """The nurse with other fields of the person."""
    member = directory.member("901", NURSE)
    return member.model_copy(update={"person": member.person.model_copy(update=fields)})


def delta(directory: Directory) -> OutboundText:
    return OutboundText.read(directory.outbound("901", "D")[1])


def test_candidates_are_all_who_have_one_of_the_three_and_nobody_else(directory: Directory) -> None:
    for born, ni_number, number in (
        ("1990-05-17", "JR482913B", NURSE),
        ("1994-08-21", "JR482913B", "90101005"),
        ("1901-01-01", "AA000000A", "90100010"),
    ):
        birthday = date.fromisoformat(born)
        expected = [
            m.person.employee_number
            for m in directory.members("901")
            if birthday == m.person.date_of_birth
            or ni_number == m.person.ni_number
            or number == m.person.employee_number
        ]
        assert expected
        assert found(directory, born, niNumber=ni_number, employeeNumber=number) == sorted(expected)


def test_whoever_was_changed_is_found_by_what_they_have_now_and_not_by_what_they_had(
    directory: Directory,
) -> None:
    directory.put("901", changed(directory, date_of_birth=date(1901, 2, 3), ni_number="AB123456C"))

    assert found(directory, "1901-02-03") == [NURSE]
    assert found(directory, "1902-01-01", niNumber="AB123456C") == [NURSE]
    assert NURSE not in found(directory, "1990-05-17", niNumber="JR482913B")

    directory.reset()
    assert NURSE in found(directory, "1990-05-17")
    assert found(directory, "1901-02-03") == []


def test_whoever_was_hired_is_found_and_whoever_was_deleted_is_not(directory: Directory) -> None:
    before = {m.person.employee_number: m.person for m in directory.members("901")}
    for _ in range(6):
        directory.pass_month()
    after = {m.person.employee_number: m.person for m in directory.members("901")}

    assert after.keys() - before.keys()
    for number, person in after.items():
        assert number in found(directory, person.date_of_birth.isoformat())
    for number in before.keys() - after.keys():
        assert found(directory, before[number].date_of_birth.isoformat(), employeeNumber=number) == []


def test_a_delta_has_the_one_record_that_was_changed(directory: Directory) -> None:
    member = directory.member("901", NURSE)
    post = member.assignments[0].model_copy(update={"fte": 0.5})
    directory.put("901", member.model_copy(update={"assignments": (post,)}))

    ((record_type, row),) = delta(directory).records
    assert (record_type, row["AssignmentNumber"], row["FTE"]) == ("ASA", NURSE, "0.5")
    assert delta(directory).records == []


def test_what_was_changed_and_changed_back_is_no_difference_but_for_its_stamp(directory: Directory) -> None:
    member = directory.member("901", NURSE)
    directory.put("901", changed(directory, first_name="Amaryllis"))
    directory.put("901", changed(directory, first_name="Amara"))

    ((record_type, row),) = delta(directory).records
    assert (record_type, row["FirstName"]) == ("PRA", member.person.first_name)


def test_changes_and_months_together_give_the_full_file(directory: Directory) -> None:
    followed, told_at_once = Everybody(), Everybody()
    followed.apply(OutboundText.read(directory.outbound("901", "F")[1]))
    directory.put("901", changed(directory, last_name="O'Neill~Smith"))
    followed.apply(delta(directory))
    directory.put("901", changed(directory, title="Dr"))
    member = directory.member("901", NURSE)
    moved = member.assignments[0].model_copy(update={"organisation": "Ward 99 Opened Today"})
    directory.put("901", member.model_copy(update={"assignments": (moved,), "checks": ()}))
    followed.apply(OutboundText.read(directory.pass_month()[0][2]))

    told_at_once.apply(OutboundText.read(directory.outbound("901", "F")[1]))
    assert followed == told_at_once
    names = [row["OrganisationName"] for key, row in followed.known.items() if key[0] == "OR"]
    assert "Ward 99 Opened Today" in names


def test_terms_that_will_not_come_after_all_are_gone_from_the_file(directory: Directory) -> None:
    followed, told_at_once = Everybody(), Everybody()
    member = directory.member("901", NURSE)
    (post,) = member.assignments
    later = post.model_copy(update={"effective_start": directory.today() + timedelta(days=30), "fte": 0.5})
    directory.put("901", member.model_copy(update={"assignment_slices": (later,)}))
    followed.apply(OutboundText.read(directory.outbound("901", "F")[1]))
    directory.put("901", member.model_copy(update={"assignment_slices": ()}))

    change = delta(directory)
    followed.apply(change)
    told_at_once.apply(OutboundText.read(directory.outbound("901", "F")[1]))
    assert [record_type for record_type, _ in change.records] == ["ASD", "ASA"]
    assert followed == told_at_once


def test_what_would_break_a_line_is_left_out_of_it(directory: Directory) -> None:
    directory.put("901", changed(directory, last_name="O'Neill~Smith\nJones"))

    ((_, row),) = delta(directory).records
    assert row["LastName"] == "O'Neill Smith Jones"


def test_of_two_changes_one_is_later(directory: Directory) -> None:
    stamps = []
    for title in ("Dr", "Prof"):
        directory.put("901", changed(directory, title=title))
        stamps.append(delta(directory).records[0][1]["LastUpdate"])
    directory.pass_month()
    directory.put("901", changed(directory, title="Mx"))
    stamps.append(delta(directory).records[0][1]["LastUpdate"])

    assert stamps == sorted(set(stamps))


def test_a_dataset_says_which_day_it_is_and_who_there_is(tmp_path: Path) -> None:
    generate(Wanted(people=120, vpds=3, seed=7, on=ON), tmp_path / "dataset")
    directory = Directory(sandbox_settings(dataset=tmp_path / "dataset"), lambda: TODAY)

    assert directory.today() == ON
    assert [len(directory.members(vpd)) for vpd in ("901", "902", "903", "904")] == [40, 40, 40, 0]
    doctor = next(each for each in directory.personas if each.key == "doctor")
    assert directory.member("901", "90100011") == doctor.member


def test_a_dataset_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="there is no dataset"):
        sandbox_settings(dataset=tmp_path)


def test_a_vpd_that_is_not_there_has_no_file(directory: Directory) -> None:
    with pytest.raises(UnknownRecord):
        directory.outbound("777", "F")
