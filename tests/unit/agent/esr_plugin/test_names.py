"""When two names are the same, or similar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.esr_plugin.names import likeness, normal, same, similar

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
    ],
)
def test_misspellings_and_parts_of_names_are_similar(one: str, other: str) -> None:
    assert similar(one, other)


@pytest.mark.parametrize(("one", "other"), [("Smith", "Jones"), ("Amara", "Idris"), ("Fennwick", "")])
def test_other_names_are_not_similar(one: str, other: str) -> None:
    assert not similar(one, other)


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
def test_a_normal_name_stays_as_it_is(name: str) -> None:
    assert normal(normal(name)) == normal(name)


@given(names, names)
def test_similarity_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert similar(one, other) == similar(other, one)
    assert same(one, other) == same(other, one)
    assert likeness(one, other) == likeness(other, one)


@given(names)
def test_a_name_is_similar_to_itself_if_it_has_letters(name: str) -> None:
    assert similar(name, name) == same(name, name) == bool(normal(name))
