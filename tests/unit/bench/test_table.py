from bench.cells import Batch, Cell, Comparison, Form, Operation, Side
from bench.table import comparison_row

ISSUE = Cell(Operation.ISSUE, Form.ANONCREDS, 10)
CONFIRM = Cell(Operation.CONFIRM, None, 1)


def a_batch(cell: Cell, side: Side, cpu: float) -> Batch:
    return Batch(cell, side, 1, 0.5, cpu, (0.25,))


def test_a_row_tells_cpu_and_throughput_of_one_credential_and_the_time_of_one_person() -> None:
    batches = [a_batch(ISSUE, Side.STOCK, 0.3), a_batch(ISSUE, Side.OURS, 0.36)]

    assert comparison_row(Comparison.of(ISSUE, batches)) == (
        "issue anoncreds (a credential)",
        "10",
        "100 (100-100)",
        "120 (120-120)",
        "1.20 (1.20-1.20)",
        "6.00",
        "6.00",
        "250/250",
        "250/250",
    )


def test_where_stock_has_nothing_the_row_says_so() -> None:
    row = comparison_row(Comparison.of(CONFIRM, [a_batch(CONFIRM, Side.OURS, 0.1)]))

    assert row == ("confirm", "1", "-", "100 (100-100)", "-", "-", "2.00", "-", "250/250")
