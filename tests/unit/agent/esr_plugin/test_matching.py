"""Who is found, who is not, and that nobody is taken for another."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import NotFound, Refused, StaffPassportError
from agent.domain.ports.staff_records import Agreement, MatchStrength, SearchCriteria
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, NiNumber
from agent.esr_plugin import mapping
from agent.esr_plugin.matching import Candidate, Found, the_one, weak_match
from esr_sandbox.directory import Directory
from tests.support.esr import a_candidate, a_directory, criteria

NURSE = a_candidate()
SOFIA = a_candidate("90100017", "Thornbeck", "Sofia", date(1994, 8, 21), "ER170017A")
SOPHIA = a_candidate("90100018", "Thornbeck", "Sophia", date(1994, 8, 21), "ER180018B")
TWINS = (SOFIA, SOPHIA)


def the_code(sought: SearchCriteria, *candidates: Candidate, complete: bool = True) -> str:
    with pytest.raises((NotFound, Refused)) as refused:
        the_one(sought, candidates, complete=complete)
    return refused.value.code


def test_ni_number_birthday_and_surname_are_a_strong_match() -> None:
    found = the_one(criteria(ni="JR482913B"), [NURSE])
    assert found == Found(
        NURSE,
        MatchStrength.STRONG,
        (
            ("surname", Agreement.AGREES),
            ("forenames", Agreement.AGREES),
            ("date_of_birth", Agreement.AGREES),
            ("ni_number", Agreement.AGREES),
            ("number", Agreement.NOT_GIVEN),
        ),
    )


@pytest.mark.parametrize("forenames", ["Amanda", "Amarah", "A"])
def test_an_ni_number_with_other_forenames_may_be_a_twins_and_is_too_weak(forenames: str) -> None:
    found = the_one(criteria(forenames=forenames, ni="JR482913B"), [NURSE])
    assert found.strength is MatchStrength.WEAK
    assert dict(found.fields)["forenames"] is Agreement.DIFFERS


def test_employee_number_birthday_and_forenames_with_a_similar_surname_are_a_match_by_number() -> None:
    found = the_one(criteria("Fenwick", number="90100010"), [NURSE])
    assert found.strength is MatchStrength.NUMBER
    assert dict(found.fields)["surname"] is Agreement.DIFFERS


def test_an_assignment_number_counts_only_when_the_person_has_it() -> None:
    with_posts = replace(NURSE, assignment_numbers=frozenset({"90100010", "90100010-2"}))
    assert the_one(criteria(number="90100010-2"), [with_posts]).strength is MatchStrength.NUMBER
    assert the_one(criteria(number="90100010-3"), [with_posts]).strength is MatchStrength.WEAK


def test_a_number_with_other_names_finds_nobody() -> None:
    assert the_code(criteria("Quarrcombe", "Lowri", number="90100010"), NURSE) == "person_not_found"


def test_a_wrong_birthday_finds_nobody_whatever_else_agrees() -> None:
    sought = criteria(born=date(1990, 5, 18), ni="JR482913B", number="90100010")
    assert the_code(sought, NURSE) == "person_not_found"


def test_a_birthday_and_similar_names_are_too_weak_to_show_anybody() -> None:
    assert the_one(criteria(), [NURSE]).strength is MatchStrength.WEAK


def test_an_ni_number_with_another_surname_is_too_weak() -> None:
    assert the_one(criteria("Stanford", ni="JR482913B"), [NURSE]).strength is MatchStrength.WEAK


@pytest.mark.parametrize(("ni", "number"), [("JR482913B", None), (None, "90100010"), (None, None)])
def test_surname_and_forenames_the_wrong_way_round_are_too_weak(ni: str | None, number: str | None) -> None:
    sought = criteria("Amara", "Fennwick", ni=ni, number=number)
    assert the_one(sought, [NURSE]).strength is MatchStrength.WEAK


def test_a_weak_match_tells_what_agrees_and_none_of_esrs_values() -> None:
    refused = weak_match(the_one(criteria("Fenwick", number="90100011"), [NURSE]))
    assert "surname differs, forenames agrees, date of birth agrees, ni number not given" in refused.sentence
    assert "Fennwick" not in refused.sentence
    assert refused.refusals[0].mended_by is not None


@pytest.mark.parametrize("surname", ["Raventon", "RAVENTON", "Kelton"])
def test_a_maiden_or_previous_name_counts_as_the_surname(surname: str) -> None:
    priya = a_candidate(
        "90100019", "Kelton", "Priya", date(1986, 10, 3), "GS190019C", other_surnames=("Raventon",)
    )
    sought = criteria(surname, "Priya", date(1986, 10, 3), ni="GS190019C")
    assert the_one(sought, [priya]).strength is MatchStrength.STRONG


def test_a_preferred_name_counts_as_the_forename() -> None:
    priya = a_candidate(forename="Priya", other_forenames=("Pia",))
    assert the_one(criteria(forenames="Pia", number="90100010"), [priya]).strength is MatchStrength.NUMBER


def test_a_twin_is_found_by_her_own_ni_number() -> None:
    sought = criteria("Thornbeck", "Sophia", date(1994, 8, 21), ni="ER180018B")
    assert the_one(sought, TWINS).candidate == SOPHIA


def test_a_twin_is_found_by_her_own_number_and_exact_name() -> None:
    sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), number="90100017")
    assert the_one(sought, TWINS).candidate == SOFIA


def test_a_twins_number_keyed_by_mistake_does_not_show_the_other_twin() -> None:
    sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), number="90100018")
    assert the_code(sought, *TWINS) == "several_people"


def test_a_number_that_contradicts_the_ni_number_shows_neither() -> None:
    sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), ni="ER170017A", number="90100018")
    assert the_code(sought, *TWINS) == "several_people"


def test_two_people_with_one_name_and_birthday_are_not_told_apart_by_a_number_alone() -> None:
    other = replace(NURSE, employee_number=EmployeeNumber("90100099"), ni_number=NiNumber("AB123456C"))
    assert the_code(criteria(number="90100010"), NURSE, other) == "several_people"
    assert the_one(criteria(number="90100010", ni="JR482913B"), [NURSE]).candidate == NURSE


def test_twins_without_an_identifier_are_several_people() -> None:
    assert the_code(criteria("Thornbeck", "Sofia", date(1994, 8, 21)), *TWINS) == "several_people"


def test_one_person_employed_twice_is_told_apart_by_the_number() -> None:
    again = replace(NURSE, employee_number=EmployeeNumber("90100099"))
    assert the_code(criteria(ni="JR482913B"), NURSE, again) == "several_people"
    assert the_one(criteria(ni="JR482913B", number="90100099"), [NURSE, again]).candidate == again


def test_when_esr_did_not_list_everyone_nobody_is_the_only_one() -> None:
    assert the_code(criteria(ni="JR482913B"), NURSE, complete=False) == "several_people"


def test_someone_without_an_ni_number_does_not_agree_with_one_that_is_not_given() -> None:
    without = a_candidate(ni=None)
    assert the_one(criteria(), [without]).strength is MatchStrength.WEAK
    assert dict(the_one(criteria(number="90100010"), [without]).fields)["ni_number"] is Agreement.NOT_GIVEN


def test_what_is_compared_does_not_show_when_it_is_printed() -> None:
    assert "JR482913B" not in repr(NURSE)
    assert "Fennwick" not in repr(NURSE)


@given(st.permutations([NURSE, *TWINS, replace(NURSE, employee_number=EmployeeNumber("90100098"))]))
def test_the_order_of_candidates_does_not_matter(candidates: list[Candidate]) -> None:
    assert the_code(criteria(), *candidates) == "several_people"
    assert (
        the_one(criteria("Thornbeck", "Sofia", SOFIA.date_of_birth, ni="ER170017A"), candidates).candidate
        == SOFIA
    )


@given(
    surname=st.text(min_size=1, max_size=12),
    forenames=st.text(min_size=1, max_size=12),
    days=st.integers(-400, 400).filter(bool),
)
def test_nobody_is_ever_found_by_a_wrong_birthday(surname: str, forenames: str, days: int) -> None:
    sought = criteria(
        surname, forenames, NURSE.date_of_birth + timedelta(days=days), ni="JR482913B", number="90100010"
    )
    assert the_code(sought, NURSE) == "person_not_found"


def test_nobody_in_a_whole_organisation_is_ever_taken_for_another() -> None:
    """Each of 1,500 people is searched for as they are, and with one thing keyed wrongly."""
    everyone = _everyone_at(a_directory(people=1500), "901")
    born_on: dict[date, list[Candidate]] = {}
    for person in everyone:
        born_on.setdefault(person.date_of_birth, []).append(person)
    random = Random(11)  # noqa: S311  # mistakes, not secrets
    shown = 0
    for person in everyone:
        for sought in _searches_for(person, random):
            found = _shown(sought, born_on[sought.date_of_birth])
            assert found in (None, person)
            shown += found is not None
    assert shown > len(everyone) * 3


def _everyone_at(directory: Directory, vpd: str) -> tuple[Candidate, ...]:
    records = [member.person.on_the_wire() for member in directory.members(vpd)]
    return mapping.candidates({"people": records, "complete": True})[0]


def _shown(sought: SearchCriteria, candidates: list[Candidate]) -> Candidate | None:
    try:
        found = the_one(sought, candidates)
    except StaffPassportError:
        return None
    return None if found.strength is MatchStrength.WEAK else found.candidate


def _searches_for(person: Candidate, random: Random) -> list[SearchCriteria]:
    """By NI number, by number, and each with one honest mistake."""
    by_ni = SearchCriteria(person.surnames[0], person.forenames[0], person.date_of_birth, person.ni_number)
    by_number = replace(by_ni, ni_number=None, number=person.employee_number)
    wrong_digit = str(random.randrange(10))
    mistyped = AssignmentNumber(person.employee_number[:7] + wrong_digit)
    return [
        by_ni,
        by_number,
        replace(by_number, surname=_misspelt(by_number.surname, random)),
        replace(by_number, number=mistyped),
        replace(by_ni, ni_number=NiNumber(f"{person.ni_number}"[:-2] + f"{wrong_digit}A")),
        replace(by_number, surname=by_number.forenames, forenames=by_number.surname),
    ]


def _misspelt(name: str, random: Random) -> str:
    at = random.randrange(len(name))
    return name[:at] + name[at + 1 :]
