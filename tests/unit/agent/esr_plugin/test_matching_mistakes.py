"""Thousands of searches with mistakes: nobody is shown who was not meant, and nearly everybody is found."""

from collections.abc import Sequence

import pytest
from rich.console import Console

from agent.domain.errors import NotFound
from agent.domain.ports.staff_records import MatchStrength, SearchCriteria
from agent.esr_plugin.matching import Candidate, Comparison, Found
from bench.esr_outcomes import Confusion, Outcome
from bench.esr_pairs import Group, Pair, Pairs

LEAST_FOUND = 0.98
MOST_WEAK_OF_ANOTHER = 0.01


@pytest.fixture(scope="module", params=[1, 2, 3])
def pairs(request: pytest.FixtureRequest) -> Pairs:
    return Pairs.of(request.param, generated=800, each=20, couples=2)


@pytest.fixture(scope="module")
def confusion(pairs: Pairs) -> Confusion:
    return Confusion.of(pairs)


def test_nobody_is_shown_who_was_not_meant(pairs: Pairs, confusion: Confusion) -> None:
    Console(width=130).print(confusion.tables())
    assert len(pairs.all) > 2000
    assert confusion.wrong() == []


def test_nearly_everybody_is_found_in_spite_of_one_difference(confusion: Confusion) -> None:
    assert confusion.found(Group.ONE_DIFFERENCE) >= LEAST_FOUND


def test_a_second_person_is_hardly_ever_shown_another_for_an_honest_difference(confusion: Confusion) -> None:
    honest = (Group.PLAIN, Group.ONE_DIFFERENCE, Group.NAMES_ALONE)
    assert max(confusion.weak_of_another(group) for group in honest) <= MOST_WEAK_OF_ANOTHER


def test_a_wrong_birthday_finds_nobody(confusion: Confusion) -> None:
    outcomes = {each.outcome for each in confusion.judged if each.pair.group is Group.WRONG_BIRTHDAY}
    assert outcomes == {Outcome.NONE}


def test_one_person_with_two_records_is_found_by_both_numbers_together(confusion: Confusion) -> None:
    by_both = confusion.by(lambda pair: pair.given)[Group.SECOND_RECORD, "NI number and number"]
    assert by_both.keys() == {Outcome.STRONG}


def test_a_matcher_that_looks_at_identifiers_alone_is_caught(pairs: Pairs) -> None:
    wrong = {pair.group for pair in Confusion.of(pairs, _careless).wrong()}
    assert {Group.DOUBLE_HERE, Group.NOT_HERE_MIXED_UP} <= wrong


def test_whose_namesake_is_here_too_is_not_shown_by_one_number_alone(
    pairs: Pairs, confusion: Confusion
) -> None:
    assert _shown_in_place_of_a_namesake(confusion) == 0
    assert _shown_in_place_of_a_namesake(Confusion.of(pairs, _without_rivals)) > 0


def test_a_matcher_that_finds_nobody_is_caught(pairs: Pairs) -> None:
    assert Confusion.of(pairs, _timid).found(Group.ONE_DIFFERENCE) < LEAST_FOUND


def test_the_same_seed_makes_the_same_searches() -> None:
    assert _few(7) == _few(7)
    assert _few(7) != _few(8)


def _shown_in_place_of_a_namesake(confusion: Confusion) -> int:
    """How often another was shown although whom the search meant is here, and one identifier was given."""
    return sum(
        each.outcome is Outcome.WRONG
        and each.pair.kind == "namesakes born one day"
        and each.pair.meant is not None
        and None in {each.pair.criteria.ni_number, each.pair.criteria.number}
        for each in confusion.judged
    )


def _few(seed: int) -> tuple[Pair, ...]:
    return Pairs.of(seed, generated=60, each=2, couples=1).all


def _careless(criteria: SearchCriteria, candidates: Sequence[Candidate]) -> Found:
    for each in (Comparison(candidate, criteria) for candidate in candidates):
        if each.born_that_day and each.identifiers:
            return Found(each.candidate, MatchStrength.STRONG, each.fields)
    raise NotFound("Nobody.", code="person_not_found")


def _without_rivals(criteria: SearchCriteria, candidates: Sequence[Candidate]) -> Found:
    for each in (Comparison(candidate, criteria) for candidate in candidates):
        if each.strength not in {None, MatchStrength.WEAK}:
            return Found(each.candidate, MatchStrength.STRONG, each.fields)
    raise NotFound("Nobody.", code="person_not_found")


def _timid(_: SearchCriteria, __: Sequence[Candidate]) -> Found:
    raise NotFound("Nobody.", code="person_not_found")
