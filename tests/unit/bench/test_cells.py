from bench.cells import Batch, Cell, Comparison, Form, Operation, Side, Summary, comparisons
from bench.spread import Spread

ISSUE = Cell(Operation.ISSUE, Form.W3C, 1)
SEARCH = Cell(Operation.SEARCH, None, 1)


def a_batch(side: Side, cpu: float, *, cell: Cell = ISSUE, number: int = 1, seconds: float = 2.0) -> Batch:
    return Batch(cell, side, number, seconds, cpu, (0.5, 1.5))


def test_cpu_and_throughput_are_of_one_operation() -> None:
    batch = a_batch(Side.OURS, 0.5)

    assert (batch.operations, batch.cpu_each, batch.throughput) == (2, 0.25, 1.0)


def test_issuing_is_about_three_credentials_and_connecting_about_none() -> None:
    assert ISSUE.credentials == 3
    assert Cell(Operation.CONNECT, None, 1).credentials is None


def test_a_summary_takes_the_latencies_of_all_rounds_together() -> None:
    summary = Summary.of([a_batch(Side.OURS, 0.5), a_batch(Side.OURS, 1.5, seconds=4.0)])

    assert summary == Summary(
        cpu=Spread(0.5, 0.25, 0.75), throughput=Spread(0.75, 0.5, 1.0), p50=0.5, p95=1.5, operations=4
    )


def test_a_slow_round_on_both_sides_does_not_change_how_they_compare() -> None:
    usual, slow = 1.0, 10.0
    batches = [
        a_batch(Side.STOCK, usual),
        a_batch(Side.OURS, usual * 1.1),
        a_batch(Side.OURS, slow * 1.1, number=2),
        a_batch(Side.STOCK, slow, number=2),
    ]

    ratio = Comparison.of(ISSUE, batches).cpu_ratio

    assert ratio is not None
    assert (round(ratio.lowest, 3), round(ratio.highest, 3)) == (1.1, 1.1)


def test_what_stock_has_nothing_like_is_not_compared() -> None:
    (found,) = comparisons([a_batch(Side.OURS, 1.0, cell=SEARCH)])

    assert (found.stock, found.cpu_ratio) == (None, None)
    assert found.ours.operations == 2


def test_cells_come_in_the_order_in_which_they_were_measured() -> None:
    batches = [
        a_batch(Side.OURS, 1.0, cell=SEARCH),
        a_batch(Side.OURS, 1.0),
        a_batch(Side.STOCK, 1.0),
        a_batch(Side.OURS, 1.0, cell=SEARCH, number=2),
    ]

    assert [found.cell for found in comparisons(batches)] == [SEARCH, ISSUE]
