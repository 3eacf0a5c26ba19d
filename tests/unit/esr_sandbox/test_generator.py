"""The invented people: always the same, plausible, and odd in the ways that people are."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta

import pytest

from agent.domain.workforce import ni_number
from esr_sandbox.building import ADMINISTRATOR_ROLE
from esr_sandbox.cast import cast
from esr_sandbox.directory import Directory
from esr_sandbox.generator import staff
from esr_sandbox.records import StaffMember
from tests.support.esr import TODAY, a_directory, sandbox_settings

PEOPLE = staff(7, "901", people=1500, today=TODAY)


def test_the_same_seed_and_day_give_the_same_people() -> None:
    assert staff(7, "901", people=300, today=TODAY) == PEOPLE[:300]


def test_another_seed_gives_other_people() -> None:
    assert staff(8, "901", people=10, today=TODAY) != PEOPLE[:10]


def test_who_people_are_does_not_depend_on_the_day() -> None:
    later = staff(7, "901", people=50, today=TODAY + timedelta(days=90))
    who = [
        (m.person.last_name, m.person.first_name, m.person.date_of_birth, m.person.ni_number) for m in later
    ]
    assert who == [
        (m.person.last_name, m.person.first_name, m.person.date_of_birth, m.person.ni_number)
        for m in PEOPLE[:50]
    ]


def test_nobody_shares_a_number() -> None:
    directory = a_directory(people=1500)
    for vpd in ("901", "902"):
        members = directory.members(vpd)
        numbers = [each.assignment_number for m in members for each in m.assignments]
        assert len(numbers) == len(set(numbers))
        assert len({m.person.ni_number for m in members}) == len(members)


def test_ni_numbers_have_a_valid_shape() -> None:
    for member in PEOPLE:
        assert ni_number(member.person.ni_number) == member.person.ni_number


def test_some_people_work_in_both_organisations_under_other_numbers() -> None:
    host = staff(7, "902", people=100, today=TODAY, shared_with="901")
    shared = {m.person.ni_number for m in host} & {m.person.ni_number for m in PEOPLE}
    assert len(shared) == 25
    assert all(re.match("902", m.person.employee_number) for m in host)


def some(condition: str) -> list[StaffMember]:
    """The people of whom `condition`, a name of this module's table, holds."""
    return [member for member in PEOPLE if ODDITIES[condition](member)]


ODDITIES: dict[str, Callable[[StaffMember], bool]] = {
    "several assignments": lambda m: len(m.assignments) > 1,
    "bank": lambda m: any(a.assignment_category == "Bank" for a in m.assignments),
    "fixed term": lambda m: any(a.contract_end_date for a in m.assignments),
    "leavers": lambda m: m.person.employee_status_flag == "Ex-Employee",
    "suspended": lambda m: any("Suspend " in a.user_assignment_status for a in m.assignments),
    "maternity": lambda m: any(a.user_assignment_status == "Maternity & Adoption" for a in m.assignments),
    "checks with gaps": lambda m: len(m.checks) < 6 or any(c.outcome == "Pending" for c in m.checks),
    "maiden names": lambda m: bool(m.person.maiden_name),
    "preferred names": lambda m: bool(m.person.preferred_name),
    "hyphens": lambda m: "-" in m.person.last_name,
    "apostrophes": lambda m: "'" in m.person.last_name,
    "accents": lambda m: not m.person.first_name.isascii(),
    "inactive users": lambda m: m.access.user_record_status == "Inactive",
}


@pytest.mark.parametrize("condition", sorted(ODDITIES))
def test_some_people_are_out_of_the_ordinary_and_most_are_not(condition: str) -> None:
    assert 0 < len(some(condition)) < len(PEOPLE) / 3


def test_there_are_strangers_with_one_surname_and_birthday() -> None:
    known = defaultdict[object, list[str]](list)
    for member in PEOPLE:
        known[member.person.last_name, member.person.date_of_birth].append(member.person.first_name)
    pairs = [names for names in known.values() if len(names) > 1]
    assert sum(one[:2] != other[:2] for one, other, *_ in pairs) > 10


def test_there_are_twins() -> None:
    families = Counter((m.person.last_name, m.person.date_of_birth) for m in PEOPLE)
    assert sum(size > 1 for size in families.values()) > 20


def test_nobody_invented_has_the_role() -> None:
    assert not [m for m in PEOPLE if m.access.supplementary_roles]


def test_the_cast_keeps_numbers_and_names() -> None:
    people = {p.key: (p.member.person.employee_number, p.member.person.last_name) for p in cast(TODAY)}
    assert people == {
        p.key: (p.member.person.employee_number, p.member.person.last_name)
        for p in cast(TODAY.replace(year=2030))
    }
    assert people["nurse"] == ("90100010", "Fennwick")
    assert people["doctor"] == ("90100011", "Calderford")


def test_the_cast_have_numbers_of_their_own_vpd_and_valid_ni_numbers() -> None:
    for persona in cast(TODAY):
        person = persona.member.person
        assert person.employee_number.startswith(persona.vpd)
        assert ni_number(person.ni_number) == person.ni_number


def test_the_role_is_as_esr_calls_it() -> None:
    hr = a_directory().member("901", "90100001")
    assert [(each.role, each.vpd) for each in hr.access.supplementary_roles] == [(ADMINISTRATOR_ROLE, "901")]


def test_a_sandbox_of_one_vpd_has_that_part_of_the_cast_alone() -> None:
    directory = Directory(sandbox_settings(vpds=["902"]), lambda: TODAY)
    assert directory.members("901") == []
    assert len(directory.members("902")) == 3
