"""The results as tables on a terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table

from bench.bounds import Bound
from bench.cells import Comparison, Summary
from bench.process_figures import Memory
from bench.results import Results
from bench.spread import Spread

NOTHING = "-"
_ANSWERS = {True: "holds", False: "FAILS", None: "not measured"}


def tables(results: Results) -> Group:
    """Figures, memory, and what must hold."""
    return Group(
        comparison_table(results.comparisons),
        memory_table({**results.our_memory, **results.stock_memory}),
        bound_table(results.bounds),
    )


def comparison_table(found: Sequence[Comparison]) -> Table:
    """One row a cell: CPU, throughput and latency, stock beside ours."""
    table = Table(title="CPU of the agent's process, medians of rounds (lowest to highest)")
    for name in ("operation", "in flight"):
        table.add_column(name)
    for name in (
        "CPU ms: stock",
        "ours",
        "ours/stock",
        "a second: stock",
        "ours",
        "p50/p95 ms: stock",
        "ours",
    ):
        table.add_column(name, justify="right")
    for each in found:
        table.add_row(*comparison_row(each))
    return table


def comparison_row(compared: Comparison) -> tuple[str, ...]:
    """The cells of one row; CPU is for one credential where the operation is about credentials."""
    cell, ours, stock = compared.cell, compared.ours, compared.stock
    about = cell.credentials or 1
    name = " ".join([cell.operation, cell.form or "", "(a credential)" if cell.credentials else ""])
    return (
        " ".join(name.split()),
        str(cell.in_flight),
        _milliseconds(stock.cpu, about) if stock else NOTHING,
        _milliseconds(ours.cpu, about),
        _times(compared.cpu_ratio) if compared.cpu_ratio else NOTHING,
        f"{stock.throughput.median * about:.2f}" if stock else NOTHING,
        f"{ours.throughput.median * about:.2f}",
        _latencies(stock) if stock else NOTHING,
        _latencies(ours),
    )


def memory_table(used: dict[str, Memory]) -> Table:
    """One row a process."""
    table = Table("process", title="Memory, MB")
    for name in ("at the end", "at its largest"):
        table.add_column(name, justify="right")
    for process, each in used.items():
        table.add_row(process, f"{each.resident / 2**20:.0f}", f"{each.peak / 2**20:.0f}")
    return table


def bound_table(bounds: Sequence[Bound]) -> Table:
    """One row a bound."""
    table = Table("what must hold", "wanted", "measured", "", title="Bounds")
    for bound in bounds:
        table.add_row(bound.name, bound.wanted, bound.measured, _ANSWERS[bound.holds])
    return table


def _milliseconds(spread: Spread, about: int) -> str:
    middle, low, high = (1000 * each / about for each in (spread.median, spread.lowest, spread.highest))
    return f"{middle:.0f} ({low:.0f}-{high:.0f})"


def _times(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.lowest:.2f}-{spread.highest:.2f})"


def _latencies(summary: Summary) -> str:
    return f"{summary.p50 * 1000:.0f}/{summary.p95 * 1000:.0f}"
