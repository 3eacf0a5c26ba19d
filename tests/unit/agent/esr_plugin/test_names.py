"""When two names are the same, or similar."""

import sys
import unicodedata
from itertools import batched

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.domain.names import normal, parts
from agent.esr_plugin.names import initials, likeness, nearly_same, same, similar

names = st.text(max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Neill", "ONeill"),
        ("O\u2019Neill", "o neill"),
        ("Siôn", "sion"),
        ("Smith-Jones", "Smith Jones"),
        ("SMITH", "Smith"),
        ("Zoë", "Zoe\u0308"),
        ("Strauß", "Strauss"),
        ("Łukasz", "lukasz"),
    ],
)
def test_accents_case_spaces_hyphens_and_apostrophes_do_not_count(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thornbeck", "Thornbek"),  # 8 of 9 letters
        ("Catherine", "Kathryn"),  # sounds alike
        ("Smith-Jones", "Jones"),  # one part of a double-barrelled name
        ("Mary Ann", "Ann"),
        ("Dunfield", "uDnfield"),  # neighbours swapped
    ],
)
def test_misspellings_and_parts_of_names_are_similar(one: str, other: str) -> None:
    assert similar(one, other)


@pytest.mark.parametrize(("one", "other"), [("Smith", "Jones"), ("Amara", "Idris"), ("Fennwick", "")])
def test_other_names_are_not_similar(one: str, other: str) -> None:
    assert not similar(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("van der Berg", "van der Merwe"), ("Al Hassan", "Al Farouk"), ("de Souza", "de Castro")],
)
def test_a_particle_that_many_surnames_share_does_not_make_them_similar(one: str, other: str) -> None:
    assert not similar(one, other)
    assert not nearly_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fennwick", "Fenwick"),
        ("Fennwick", "Fnenwick"),
        ("Smith-Jones", "Jones"),
        ("Smith Jones", "Jones-Smith"),
        ("van der Berg", "Berg"),
        ("Li", "LI"),
    ],
)
def test_one_slip_or_one_half_is_nearly_the_same(one: str, other: str) -> None:
    assert nearly_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Fennwick", "Fenwich"), ("Li", "Lu"), ("Smith-Jones", "Smith-Oakley"), ("Smith", "")]
)
def test_two_slips_or_a_short_name_with_one_are_another_name(one: str, other: str) -> None:
    assert not nearly_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("J", "John"), ("J. P.", "John Paul"), ("John", "J P"), ("J", "J")]
)
def test_initials_are_those_of_a_name(one: str, other: str) -> None:
    assert initials(one, other)


@pytest.mark.parametrize(("one", "other"), [("J", "Paul"), ("J M", "John Paul"), ("John", "John"), ("J", "")])
def test_other_initials_and_whole_names_are_not_initials(one: str, other: str) -> None:
    assert not initials(one, other)


@pytest.mark.parametrize(("one", "other"), [("हरि", "हरा"), ("มี", "มา"), ("ガク", "カク")])
def test_vowels_that_are_written_as_marks_tell_names_apart(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize(("one", "other"), [("مُحَمَّد", "محمد"), ("שָׁרָה", "שרה"), ("Zoë\ufe0f", "Zoe")])
def test_points_that_most_people_leave_out_do_not_count(one: str, other: str) -> None:
    assert same(one, other)


def test_four_fifths_of_the_letters_are_enough_and_less_is_not() -> None:
    assert similar("Bridg", "Bridx")
    assert not similar("Tang", "Tanx")


def test_nothing_is_the_same_as_no_name() -> None:
    assert not same("", "")
    assert not same("-", "'")
    assert not similar("", "")


def test_names_that_cannot_be_pronounced_do_not_sound_alike() -> None:
    assert not similar("王小明", "李大华")


@given(names)
@example("ka\u094d-\u093c")  # what stood between two marks is gone: now they have an order
def test_a_normal_name_stays_as_it_is(name: str) -> None:
    assert normal(normal(name)) == normal(name)
    assert all(normal(part) == part for part in parts(name))


def test_no_character_of_unicode_is_normal_only_at_the_second_time() -> None:
    characters = (chr(each) for each in range(sys.maxunicode + 1) if not 0xD800 <= each < 0xE000)
    assigned = [each for each in characters if unicodedata.category(each) != "Cn"]
    for some in batched(assigned, 1000, strict=False):
        once = normal("a".join(some))
        assert normal(once) == once


close_names = st.sampled_from(
    ["Thornbeck", "Thornbek", "O'Neill", "Neill", "Smith-Jones", "van der Jones", "J", "Ann J"]
)


@given(names | close_names, names | close_names)
def test_similarity_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert nearly_same(one, other) == nearly_same(other, one)
    assert similar(one, other) or not nearly_same(one, other)
    assert initials(one, other) == initials(other, one)
    assert similar(one, other) == similar(other, one)
    assert same(one, other) == same(other, one)
    assert likeness(one, other) == likeness(other, one)


@given(names)
def test_a_name_is_similar_to_itself_if_it_has_letters(name: str) -> None:
    assert similar(name, name) == same(name, name) == bool(normal(name))
