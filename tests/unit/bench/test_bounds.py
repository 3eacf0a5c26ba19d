import pytest

from bench.bounds import Bound, all_hold, cpu_bounds, growth_bound, memory_bound, rebuilding_bound
from bench.cells import Batch, Cell, Comparison, Form, Operation, Side

MB = 2**20


def compared(ratio: float, operation: Operation = Operation.ISSUE) -> Comparison:
    cell = Cell(operation, Form.BOTH, 10)
    batches = [
        Batch(cell, Side.STOCK, 1, 1.0, 1.0, (1.0,)),
        Batch(cell, Side.OURS, 1, 1.0, ratio, (1.0,)),
    ]
    return Comparison.of(cell, batches)


@pytest.mark.parametrize(("ratio", "holds"), [(0.9, True), (1.15, True), (1.16, False)])
def test_ours_may_cost_fifteen_hundredths_more_than_stock(ratio: float, *, holds: bool) -> None:
    (bound,) = cpu_bounds([compared(ratio)])

    assert bound.holds is holds
    assert bound.name == "CPU per credential: issue both, 10 in flight"


def test_what_is_about_no_credentials_is_told_and_not_judged() -> None:
    assert cpu_bounds([compared(9.0, Operation.CONNECT)]) == []


def test_the_largest_agent_counts() -> None:
    bound = memory_bound({"host": 150 * MB, "issuer-both": 201 * MB})

    assert bound == Bound("memory of an agent with plugins", "under 200 MB", "201 MB (issuer-both)", False)


@pytest.mark.parametrize(("grown", "holds"), [(19 * MB, True), (20 * MB, False), (None, None)])
def test_memory_may_grow_by_less_than_twenty_megabytes(grown: int | None, *, holds: bool | None) -> None:
    assert growth_bound(grown).holds is holds


@pytest.mark.parametrize(("seconds", "holds"), [(0.199, True), (0.2, False)])
def test_a_status_list_is_made_anew_in_a_fifth_of_a_second(seconds: float, *, holds: bool) -> None:
    assert rebuilding_bound(seconds).holds is holds


def a_bound(*, holds: bool | None) -> Bound:
    return Bound("a bound", "something", "something", holds)


def test_a_bound_that_was_not_measured_fails_nothing() -> None:
    assert all_hold([a_bound(holds=True), a_bound(holds=None)])


def test_a_run_that_measured_nothing_passes_nothing() -> None:
    assert not all_hold([a_bound(holds=None)])
    assert not all_hold([])


def test_one_bound_that_is_broken_fails_the_run() -> None:
    assert not all_hold([a_bound(holds=True), a_bound(holds=False)])
