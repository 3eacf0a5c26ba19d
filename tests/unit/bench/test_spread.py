import pytest

from bench.spread import Spread, paired_ratios, percentile


def test_a_spread_is_the_middle_and_both_ends() -> None:
    assert Spread.of([5.0, 1.0, 2.0]) == Spread(median=2.0, lowest=1.0, highest=5.0)


def test_the_middle_of_an_even_number_lies_between_two() -> None:
    assert Spread.of([1.0, 2.0, 4.0, 9.0]).median == 3.0


def test_of_nothing_there_is_no_spread() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


@pytest.mark.parametrize(("percent", "value"), [(50, 10.0), (95, 19.0), (100, 20.0), (0, 1.0)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, value: float) -> None:
    assert percentile([float(n) for n in range(20, 0, -1)], percent) == value


def test_of_one_value_every_percentile_is_that_value() -> None:
    assert [percentile([7.0], percent) for percent in (1, 50, 95)] == [7.0, 7.0, 7.0]


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)


def test_each_batch_is_compared_with_its_neighbour_in_time() -> None:
    assert paired_ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]


def test_a_batch_without_a_neighbour_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_ratios([2.0, 9.0], [1.0])
