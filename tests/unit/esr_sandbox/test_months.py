"""A month in the sandbox: what happens, and that a delta file says exactly that."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esr_sandbox.dataset import months_after, stored
from esr_sandbox.directory import Directory
from esr_sandbox.generation import Wanted, generate, pass_month
from esr_sandbox.generator import FIRST_INVENTED
from esr_sandbox.records import StaffMember
from tests.support.esr import TODAY, a_directory, sandbox_settings
from tests.support.outbound_files import Everybody, OutboundText

WANTED = Wanted(people=240, vpds=2, seed=7, on=date(2026, 10, 1))


def full(directory: Directory) -> OutboundText:
    return OutboundText.read(directory.outbound("901", "F")[1])


def a_month(directory: Directory) -> OutboundText:
    """The delta of VPD 901."""
    return next(OutboundText.read(text) for vpd, _, text in directory.pass_month() if vpd == "901")


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), months=st.integers(1, 3))
def test_a_full_file_and_the_deltas_after_it_give_the_full_file_of_the_last_month(
    seed: int, months: int
) -> None:
    directory = Directory(sandbox_settings(people=70, seed=seed, vpds=["901"]), lambda: TODAY)
    followed, told_at_once = Everybody(), Everybody()
    followed.apply(full(directory))
    for _ in range(months):
        followed.apply(a_month(directory))

    told_at_once.apply(full(directory))

    assert followed == told_at_once


def test_a_delta_has_no_record_that_is_as_it_was() -> None:
    directory, before, after = a_directory(people=150), Everybody(), Everybody()
    first = full(directory)
    before.apply(first)
    after.apply(first)
    delta = a_month(directory)
    after.apply(delta)

    for record_type, row in delta.records:
        if record_type in {"CKA", "RGA", "ORA", "POA"}:
            assert row not in before.known.values()
            assert row in after.known.values()


def test_the_same_seed_and_number_of_months_give_the_same_files() -> None:
    first, second = a_directory(people=120), a_directory(people=120)

    assert [first.pass_month(), first.pass_month()] == [second.pass_month(), second.pass_month()]


def test_a_server_and_the_command_let_the_same_month_pass(tmp_path: Path) -> None:
    before, after = tmp_path / "october", tmp_path / "november"
    generate(WANTED, before)
    pass_month(before, after)

    directory = Directory(sandbox_settings(dataset=before), lambda: TODAY)
    files = {name: text for _, name, text in directory.pass_month()}

    assert files == {file.name: file.read_text("utf-8") for file in (after / "outbound").iterdir()}
    assert list(stored(after, "901")) == directory.members("901")


def test_sequence_numbers_go_on_by_one_and_days_by_a_month() -> None:
    directory = a_directory()
    names = [directory.outbound("901", "F")[0]]
    names += [next(name for vpd, name, _ in directory.pass_month() if vpd == "901") for _ in range(2)]

    assert names == [
        "GO_901_F_20261123_00000002.DAT",
        "GO_901_D_20261223_00000003.DAT",
        "GO_901_D_20270123_00000004.DAT",
    ]
    assert directory.today() == date(2027, 1, 23)


def test_the_last_days_of_months_are_all_there_is_of_some() -> None:
    assert [months_after(date(2026, 10, 31), n) for n in (1, 4, 14)] == [
        date(2026, 11, 30),
        date(2027, 2, 28),
        date(2027, 12, 31),
    ]


def invented(member: StaffMember) -> bool:
    return int(member.person.employee_number[3:]) >= FIRST_INVENTED


def by_number(directory: Directory) -> dict[str, StaffMember]:
    return {each.person.employee_number: each for each in directory.members("901")}


@dataclass(frozen=True)
class Story:
    """A few months of many people: everybody at first and at the end, and each delta."""

    before: dict[str, StaffMember]
    after: dict[str, StaffMember]
    deltas: list[OutboundText]
    directory: Directory

    def pairs(self) -> list[tuple[StaffMember, StaffMember]]:
        return [(each, self.after[number]) for number, each in self.before.items() if number in self.after]

    def deltas_of(self, record_type: str) -> list[dict[str, str]]:
        return [row for delta in self.deltas for row in delta.of(record_type)]


@pytest.fixture(scope="module")
def story() -> Story:
    directory = Directory(sandbox_settings(people=700, seed=2), lambda: TODAY)
    before = by_number(directory)
    deltas = [a_month(directory) for _ in range(4)]
    return Story(before, by_number(directory), deltas, directory)


def has_left(was: StaffMember, now: StaffMember) -> bool:
    return (was.person.employee_status_flag, now.person.employee_status_flag) == ("Current", "Ex-Employee")


def has_another_name(was: StaffMember, now: StaffMember) -> bool:
    return was.person.last_name != now.person.last_name


def is_in_another_post(was: StaffMember, now: StaffMember) -> bool:
    return was.assignments[0].job != now.assignments[0].job


def is_in_another_band(was: StaffMember, now: StaffMember) -> bool:
    return not is_in_another_post(was, now) and was.assignments[0].grade != now.assignments[0].grade


def works_other_hours(was: StaffMember, now: StaffMember) -> bool:
    return was.assignments[0].fte != now.assignments[0].fte


def is_back_from_maternity(was: StaffMember, now: StaffMember) -> bool:
    statuses = [each.assignments[0].user_assignment_status for each in (was, now)]
    return statuses == ["Maternity & Adoption", "Active Assignment"]


def has_renewed_the_registration(was: StaffMember, now: StaffMember) -> bool:
    return any(
        isinstance(a.expiry_date, date) and isinstance(b.expiry_date, date) and a.expiry_date < b.expiry_date
        for a, b in zip(was.registrations, now.registrations, strict=True)
    )


def let_the_registration_lapse(was: StaffMember, now: StaffMember) -> bool:
    return any(
        (a.status, b.status) == ("Registered", "Lapsed")
        for a, b in zip(was.registrations, now.registrations, strict=True)
    )


def has_a_renewed_check(was: StaffMember, now: StaffMember) -> bool:
    return any(
        isinstance(a.check_date, date) and isinstance(b.check_date, date) and a.check_date < b.check_date
        for a, b in zip(was.checks, now.checks, strict=True)
    )


def has_a_check_under_way(was: StaffMember, now: StaffMember) -> bool:
    return any(
        (a.outcome, b.outcome) == ("Clear", "Pending") for a, b in zip(was.checks, now.checks, strict=True)
    )


def has_a_second_post(was: StaffMember, now: StaffMember) -> bool:
    return len(was.assignments) < len(now.assignments)


def never_had_the_second_post(was: StaffMember, now: StaffMember) -> bool:
    return len(was.assignments) > len(now.assignments)


@pytest.mark.parametrize(
    "happened",
    [
        has_left,
        has_another_name,
        is_in_another_post,
        is_in_another_band,
        works_other_hours,
        is_back_from_maternity,
        has_renewed_the_registration,
        let_the_registration_lapse,
        has_a_renewed_check,
        has_a_check_under_way,
        has_a_second_post,
        never_had_the_second_post,
    ],
    ids=lambda happened: happened.__name__,
)
def test_it_happens_to_some_and_not_to_most(
    story: Story, happened: Callable[[StaffMember, StaffMember], bool]
) -> None:
    pairs = story.pairs()
    assert 0 < sum(happened(*pair) for pair in pairs) < len(pairs) / 3


def test_people_are_hired_some_of_them_ahead_of_their_first_day(story: Story) -> None:
    hired = [each.person.hire_date for number, each in story.after.items() if number not in story.before]
    assert min(hired) > TODAY
    assert any(
        row["HireDate"] > delta.header["ProducedAt"][:8] for delta in story.deltas for row in delta.of("PRA")
    )


@pytest.mark.parametrize("record_type", ["PRD", "ASD", "POD", "CKD", "RGD"])
def test_what_was_entered_by_mistake_is_deleted(story: Story, record_type: str) -> None:
    assert story.deltas_of(record_type)


def test_a_department_is_renamed_by_one_line_and_everyone_in_it_works_in_the_new_one(story: Story) -> None:
    (department,) = story.deltas_of("ORA")
    names = {each.organisation for member in story.after.values() for each in member.assignments}
    assert department["OrganisationName"] in names
    assert department["OrganisationName"].removesuffix(" Unit") not in names


def test_nothing_happens_to_the_cast_but_what_was_due() -> None:
    directory = a_directory(people=50)
    before = {number: each for number, each in by_number(directory).items() if not invented(each)}
    directory.pass_month()
    after = by_number(directory)

    changed = {number for number, each in before.items() if after[number] != each}
    assert changed == {"90100022"}  # whose last day it was
    assert after["90100022"].person.employee_status_flag == "Ex-Employee"


def test_the_slices_of_a_record_follow_one_another(story: Story) -> None:
    file = full(story.directory)
    for record_type, name in (("PRA", "PersonId"), ("ASA", "AssignmentId")):
        slices: dict[str, list[tuple[str, str]]] = {}
        for row in file.of(record_type):
            end = row["EffectiveEnd"]
            last_day = "47121231" if end in {"", "19000101"} else end
            slices.setdefault(row[name], []).append((row["EffectiveStart"], last_day))
        assert any(len(each) > 2 for each in slices.values())
        for each in slices.values():
            days = [day for pair in sorted(each) for day in pair]
            assert days == sorted(days)
            assert len(set(each)) == len(dict(each))


def test_other_seeds_have_other_months() -> None:
    first, second = (
        Directory(sandbox_settings(people=60, seed=seed), lambda: TODAY).pass_month() for seed in (1, 2)
    )
    assert first != second


def test_months_can_be_added_up_on_disk(tmp_path: Path) -> None:
    folders = [tmp_path / str(at) for at in range(4)]
    generate(replace(WANTED, people=80, vpds=1), folders[0])
    known = Everybody()
    known.apply(only_file(folders[0]))
    for before, after in pairwise(folders):
        pass_month(before, after)
        known.apply(only_file(after))

    directory = Directory(sandbox_settings(dataset=folders[-1]), lambda: TODAY)
    assert directory.today() == date(2027, 1, 1)
    now = Everybody()
    now.apply(full(directory))
    assert known == now


def only_file(folder: Path) -> OutboundText:
    (file,) = (folder / "outbound").iterdir()
    return OutboundText.read(file.read_text("utf-8"))


def test_an_assignment_is_over_once_its_last_day_is(story: Story) -> None:
    over = [
        each
        for member in story.after.values()
        for each in member.assignments
        if isinstance(each.assignment_end_date, date) and each.assignment_end_date < story.directory.today()
    ]
    assert over
    assert {each.user_assignment_status for each in over} == {"Terminate Process"}
