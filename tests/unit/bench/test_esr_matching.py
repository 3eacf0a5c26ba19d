"""What the benchmark of matching says to hold, and when it says that something does not."""

from dataclasses import replace

from bench.bounds import all_hold
from bench.esr_matching import Figures, Mistakes, Timings
from bench.spread import Spread

TIMINGS = Timings(people=50_000, given=4, spread=Spread(0.001, 0.0005, 0.03), p95=0.019)
MISTAKES = Mistakes(searches=2000, wrong=0, found=0.98, found_by_names_alone=0.5, weak_of_another={})
FIGURES = Figures(TIMINGS, TIMINGS, MISTAKES, strangers=100, strangers_weak=1)


def test_all_holds_at_the_edge() -> None:
    assert all_hold(FIGURES.bounds)


def test_one_wrong_person_is_too_many() -> None:
    assert not all_hold(replace(FIGURES, mistakes=replace(MISTAKES, wrong=1)).bounds)


def test_to_find_fewer_than_98_of_100_is_too_few() -> None:
    assert not all_hold(replace(FIGURES, mistakes=replace(MISTAKES, found=0.979)).bounds)


def test_a_slow_match_does_not_hold_whoever_was_given() -> None:
    slow = replace(TIMINGS, p95=0.02)
    assert not all_hold(replace(FIGURES, everyone_given=slow).bounds)
    assert not all_hold(replace(FIGURES, as_esr_gives=slow).bounds)
