"""A month in the sandbox: what happens, and that a delta file says exactly that."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

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


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), months=st.integers(1, 4))
def test_a_full_file_and_the_deltas_after_it_give_the_full_file_of_the_last_month(
    seed: int, months: int
) -> None:
    directory = Directory(sandbox_settings(people=90, seed=seed, vpds=["901"]), lambda: TODAY)
    followed, told_at_once = Everybody(), Everybody()
    followed.apply(full(directory))
    for _ in range(months):
        followed.apply(a_month(directory))

    told_at_once.apply(full(directory))

    assert followed == told_at_once


def test_a_delta_has_no_line_that_changes_nothing() -> None:
    directory, known = a_directory(people=300), Everybody()
    known.apply(full(directory))
    delta = a_month(directory)

    for record_type, row in delta.records:
        if record_type == "CKA":  # one line a record: there is no slice beside it that changed
            assert row not in known.known.values()


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


def test_everything_that_happens_to_staff_happens() -> None:
    directory = a_directory(people=1500)
    before = by_number(directory)
    for _ in range(2):
        directory.pass_month()
    after = by_number(directory)

    pairs = [(each, after[number]) for number, each in before.items() if number in after]
    assert after.keys() - before.keys(), "hired"
    for what, happened in {
        "left": lambda a, b: (
            (a.person.employee_status_flag, b.person.employee_status_flag) == ("Current", "Ex-Employee")
        ),
        "another name": lambda a, b: a.person.last_name != b.person.last_name,
        "another post": lambda a, b: a.assignments[0].job != b.assignments[0].job,
        "another band": lambda a, b: (
            a.assignments[0].job == b.assignments[0].job and a.assignments[0].grade != b.assignments[0].grade
        ),
        "other hours": lambda a, b: a.assignments[0].fte != b.assignments[0].fte,
        "back from maternity": lambda a, b: (
            a.assignments[0].user_assignment_status == "Maternity & Adoption"
            and b.assignments[0].user_assignment_status == "Active Assignment"
        ),
        "renewed registration": lambda a, b: (
            a.registrations
            and b.registrations[0].status == "Registered"
            and b.registrations[0].expiry_date > a.registrations[0].expiry_date
        ),
        "lapsed registration": lambda a, b: (
            a.registrations
            and (a.registrations[0].status, b.registrations[0].status) == ("Registered", "Lapsed")
        ),
        "renewed check": lambda a, b: any(
            x.check_type == y.check_type and x.check_date and y.check_date and y.check_date > x.check_date
            for x in a.checks
            for y in b.checks
        ),
        "begun check": lambda a, b: any(
            x.check_type == y.check_type and (x.outcome, y.outcome) == ("Clear", "Pending")
            for x in a.checks
            for y in b.checks
        ),
        "a second post": lambda a, b: len(b.assignments) > len(a.assignments),
        "no second post after all": lambda a, b: len(b.assignments) < len(a.assignments),
    }.items():
        assert any(happened(a, b) for a, b in pairs), what


def test_people_and_posts_entered_by_mistake_are_deleted() -> None:
    directory = a_directory(people=1500)
    deltas = [a_month(directory) for _ in range(4)]

    deleted = {record_type for delta in deltas for record_type, _ in delta.records if record_type[2] == "D"}
    assert {"PRD", "ASD", "POD", "CKD", "RGD"} <= deleted


def test_a_department_that_is_renamed_is_one_line_and_everyone_in_it_is_in_the_new_one() -> None:
    directory = a_directory(people=400)
    for _ in range(12):
        renamed = a_month(directory).of("ORA")
        if renamed:
            break

    (department,) = renamed
    known = Everybody()
    known.apply(full(directory))
    names = {
        row["OrganisationId"]: row["OrganisationName"]
        for (kind, *_), row in known.known.items()
        if kind == "OR"
    }
    assert names[department["OrganisationId"]] == department["OrganisationName"]
    there = [
        m
        for m in directory.members("901")
        for a in m.assignments
        if a.organisation == department["OrganisationName"]
    ]
    assert there


def test_nothing_happens_to_the_cast_but_what_was_due() -> None:
    directory = a_directory(people=50)
    before = {number: each for number, each in by_number(directory).items() if not invented(each)}
    directory.pass_month()
    after = by_number(directory)

    changed = {number for number, each in before.items() if after[number] != each}
    assert changed == {"90100022"}  # whose last day it was
    assert after["90100022"].person.employee_status_flag == "Ex-Employee"


def test_everyone_still_has_one_present_and_no_day_twice() -> None:
    directory = a_directory(people=400)
    for _ in range(6):
        directory.pass_month()
    file = full(directory)

    for record_type, name in (("PRA", "PersonId"), ("ASA", "AssignmentId")):
        slices: dict[str, list[tuple[str, str]]] = {}
        for row in file.of(record_type):
            end = row["EffectiveEnd"]
            until = "47121231" if end in ("", "19000101") else end
            slices.setdefault(row[name], []).append((row["EffectiveStart"], until))
        for each in slices.values():
            days = [day for pair in sorted(each) for day in pair]
            assert days == sorted(days)
            assert len({start for start, _ in each}) == len(each)


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


def test_an_assignment_is_not_current_the_day_after_its_last() -> None:
    directory = a_directory(people=600)
    directory.pass_month()
    yesterday = directory.today() - timedelta(days=1)

    over = [
        each
        for member in directory.members("901")
        for each in member.assignments
        if isinstance(each.assignment_end_date, date) and each.assignment_end_date < yesterday
    ]
    assert over
    assert {each.user_assignment_status for each in over} == {"Terminate Process"}
