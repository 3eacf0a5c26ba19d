"""Who is found, who is not, and that nobody is taken for another."""

from collections.abc import Sequence
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
from agent.esr_plugin.matching import Candidate, Found, the_one
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


def test_employee_number_birthday_surname_and_forenames_are_a_match_by_number() -> None:
    found = the_one(criteria(number="90100010"), [NURSE])
    assert found.strength is MatchStrength.NUMBER
    assert dict(found.fields)["surname"] is Agreement.AGREES


def test_a_number_with_another_surname_is_too_weak() -> None:
    assert the_one(criteria("Stanford", number="90100010"), [NURSE]).strength is MatchStrength.WEAK


def test_a_number_with_a_misspelt_surname_may_be_a_namesakes_and_is_too_weak() -> None:
    assert the_one(criteria("Fenwick", number="90100010"), [NURSE]).strength is MatchStrength.WEAK


def test_a_number_with_one_half_of_a_double_barrelled_surname_is_too_weak() -> None:
    both = a_candidate(surname="Fennwick-Oakley")
    assert the_one(criteria("Oakley", number="90100010"), [both]).strength is MatchStrength.WEAK


@pytest.mark.parametrize("forenames", ["Amarah", "A", "A.", "Mimi"])
def test_a_number_with_other_forenames_may_be_a_twins_and_is_too_weak(forenames: str) -> None:
    assert the_one(criteria(forenames=forenames, number="90100010"), [NURSE]).strength is MatchStrength.WEAK


def test_an_identifier_that_differs_makes_the_other_too_weak() -> None:
    by_number = criteria(ni="AB123456C", number="90100010")
    by_ni_number = criteria(ni="JR482913B", number="90100099")
    assert the_one(by_number, [NURSE]).strength is MatchStrength.WEAK
    assert the_one(by_ni_number, [NURSE]).strength is MatchStrength.WEAK


def test_an_ni_number_that_esr_does_not_have_differs_from_nothing() -> None:
    without = a_candidate(ni=None)
    found = the_one(criteria(ni="JR482913B", number="90100010"), [without])
    assert found.strength is MatchStrength.NUMBER


def test_a_slip_in_the_ni_number_may_be_this_person_and_quite_another_number_is_not() -> None:
    assert the_one(criteria("Fenwick", ni="JR482931B"), [NURSE]).strength is MatchStrength.WEAK
    assert the_code(criteria("Fenwick", ni="AB123456C"), NURSE) == "person_not_found"


def test_quite_another_ni_number_may_be_this_person_if_the_names_are_the_same() -> None:
    assert the_one(criteria(ni="AB123456C"), [NURSE]).strength is MatchStrength.WEAK


def test_nobody_is_found_when_neither_identifier_is_theirs() -> None:
    assert the_code(criteria(ni="AB123456C", number="90100099"), NURSE) == "person_not_found"


def test_an_initial_may_be_this_person() -> None:
    assert the_one(criteria(forenames="A."), [NURSE]).strength is MatchStrength.WEAK
    assert the_code(criteria(forenames="B."), NURSE) == "person_not_found"


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
    weak = the_one(criteria("Fenwick", number="90100011"), [NURSE])
    assert weak.fields == (
        ("surname", "differs"),
        ("forenames", "agrees"),
        ("date_of_birth", "agrees"),
        ("ni_number", "not_given"),
        ("number", "differs"),
    )
    assert "Fennwick" not in str(weak)


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


@pytest.mark.parametrize(("ni", "number"), [("ER180018B", None), ("ER180018B", "90100018")])
def test_a_twins_ni_number_keyed_by_mistake_does_not_show_the_other_twin(ni: str, number: str | None) -> None:
    sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), ni=ni, number=number)
    assert the_code(sought, *TWINS) == "several_people"


def test_a_twin_who_works_elsewhere_is_not_shown_as_the_one_who_works_here() -> None:
    for ni, number in (("ER180018B", None), (None, "90100018"), ("ER180018B", "90100018")):
        sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), ni=ni, number=number)
        assert the_one(sought, [SOPHIA]).strength is MatchStrength.WEAK


def test_a_number_that_contradicts_the_ni_number_shows_neither() -> None:
    sought = criteria("Thornbeck", "Sofia", date(1994, 8, 21), ni="ER170017A", number="90100018")
    assert the_code(sought, *TWINS) == "several_people"


def test_swapped_letters_do_not_hide_a_namesake() -> None:
    other = replace(NURSE, employee_number=EmployeeNumber("90100099"), ni_number=NiNumber("AB123456C"))
    assert the_code(criteria("Fenwnick", number="90100010"), NURSE, other) == "several_people"


def test_a_slip_in_an_earlier_surname_is_too_weak() -> None:
    married = a_candidate(surname="Kelton", other_surnames=("Raventon",))
    assert the_one(criteria("Raventon", number="90100010"), [married]).strength is MatchStrength.NUMBER
    assert the_one(criteria("Raventn", number="90100010"), [married]).strength is MatchStrength.WEAK


def test_two_people_with_one_name_and_birthday_are_not_told_apart_by_a_number_alone() -> None:
    other = replace(NURSE, employee_number=EmployeeNumber("90100099"), ni_number=NiNumber("AB123456C"))
    assert the_code(criteria(number="90100010"), NURSE, other) == "several_people"
    assert the_code(criteria(ni="JR482913B"), NURSE, other) == "several_people"
    assert the_one(criteria(number="90100010", ni="JR482913B"), [NURSE, other]).candidate == NURSE


def test_both_identifiers_do_not_outweigh_a_namesake_when_the_surname_is_misspelt() -> None:
    other = replace(NURSE, employee_number=EmployeeNumber("90100099"), ni_number=NiNumber("AB123456C"))
    assert the_code(criteria("Fenwick", ni="JR482913B", number="90100010"), NURSE, other) == "several_people"


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


def test_who_could_be_several_people_is_asked_for_what_was_not_given() -> None:
    others = [replace(NURSE, employee_number=EmployeeNumber(number)) for number in ("90100098", "90100099")]
    for sought, asked in (
        (criteria(), "the NI number or the employee number"),
        (criteria(ni="JR482913B"), "the employee number"),
        (criteria(number="90100098"), "the NI number"),
    ):
        with pytest.raises(Refused) as refused:
            the_one(sought, others)
        assert refused.value.sentence.endswith(f"Give one more identifier: {asked}.")


SURNAMES = st.sampled_from(["Thornbeck", "Thornbek", "Oakley-Thornbeck", "O'Neill", "van der Oakley", "Li"])
FORENAMES = st.sampled_from(["Sofia", "Sophia", "Sofia Ann", "Ann Sofia", "Ann", "S", "Idris"])
BIRTHDAYS = st.sampled_from([date(1994, 8, 21), date(1994, 8, 22)])
NI_NUMBERS = st.sampled_from([None, "ER170017A", "ER170071A", "AB123456C"])
NUMBERS = st.sampled_from(["90100017", "90100018", "90100071"])
SEARCHES = st.builds(
    lambda surname, forenames, born, ni, number: criteria(surname, forenames, born, ni=ni, number=number),
    SURNAMES,
    FORENAMES,
    BIRTHDAYS,
    NI_NUMBERS,
    st.none() | NUMBERS,
)
CANDIDATES = st.builds(
    lambda number, surname, forename, born, ni, maiden: a_candidate(
        number, surname, forename, born, ni, other_surnames=maiden
    ),
    NUMBERS,
    SURNAMES,
    FORENAMES,
    BIRTHDAYS,
    NI_NUMBERS,
    st.lists(SURNAMES, max_size=1).map(tuple),
)
CROWDS = st.lists(CANDIDATES, max_size=3, unique_by=lambda each: each.employee_number)


def outcome(sought: SearchCriteria, candidates: Sequence[Candidate]) -> Found | str:
    try:
        return the_one(sought, candidates)
    except StaffPassportError as error:
        return error.code


@given(sought=SEARCHES, crowd=CROWDS, data=st.data())
def test_the_order_of_candidates_does_not_matter(
    sought: SearchCriteria, crowd: list[Candidate], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(crowd))
    assert outcome(sought, shuffled) == outcome(sought, crowd)


@given(sought=SEARCHES, crowd=CROWDS, another=CANDIDATES, days=st.integers(-400, 400).filter(bool))
def test_a_person_born_on_another_day_changes_nothing(
    sought: SearchCriteria, crowd: list[Candidate], another: Candidate, days: int
) -> None:
    another = replace(
        another,
        employee_number=EmployeeNumber("90199999"),
        date_of_birth=sought.date_of_birth + timedelta(days=days),
    )
    assert outcome(sought, [another, *crowd]) == outcome(sought, crowd)


@given(sought=SEARCHES, crowd=CROWDS)
def test_whoever_is_shown_at_once_agrees_in_birthday_forenames_and_every_identifier(
    sought: SearchCriteria, crowd: list[Candidate]
) -> None:
    found = outcome(sought, crowd)
    if isinstance(found, str) or found.strength is MatchStrength.WEAK:
        return
    told = dict(found.fields)
    assert told["date_of_birth"] is told["forenames"] is Agreement.AGREES
    assert Agreement.AGREES in {told["ni_number"], told["number"]}
    assert told["number"] is not Agreement.DIFFERS
    assert told["ni_number"] is not Agreement.DIFFERS or found.candidate.ni_number is None


@given(sought=SEARCHES, crowd=CROWDS)
def test_more_people_never_make_somebody_else_shown(sought: SearchCriteria, crowd: list[Candidate]) -> None:
    for at in range(len(crowd)):
        fewer, all_of_them = outcome(sought, crowd[:at] + crowd[at + 1 :]), outcome(sought, crowd)
        if isinstance(all_of_them, Found) and all_of_them.candidate != crowd[at] and isinstance(fewer, Found):
            assert all_of_them == fewer


@given(sought=SEARCHES, crowd=CROWDS)
def test_no_ni_number_is_in_anything_that_is_told(sought: SearchCriteria, crowd: list[Candidate]) -> None:
    known = {each.ni_number for each in crowd} | {sought.ni_number}
    try:
        told = f"{the_one(sought, crowd)}"
    except Refused as error:
        told = f"{error} {error.refusals}"
    except NotFound as error:
        told = f"{error}"
    assert not [each for each in known if each and each in told]


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
    assert shown > len(everyone) * 2


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
