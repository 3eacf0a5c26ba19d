"""What is measured, and what came of it: cells, batches, and their summaries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.spread import Spread, paired_ratios, percentile


class Side(StrEnum):
    """Who is measured."""

    STOCK = "stock"
    OURS = "ours"


class Operation(StrEnum):
    """What is done for one person."""

    CONNECT = "connect"  # an invitation, and a wallet that takes it up
    ISSUE = "issue"  # a passport's credentials: offered, requested, signed, stored
    VERIFY = "verify"  # one presentation of them: asked for, presented, judged
    SEARCH = "search"  # of ESR; stock has nothing like it
    CONFIRM = "confirm"  # by comparison code; stock has nothing like it


class Form(StrEnum):
    """In what formats credentials go."""

    ANONCREDS = "anoncreds"
    W3C = "w3c"
    BOTH = "both"


CREDENTIALS: Mapping[Operation, int] = {Operation.ISSUE: 3, Operation.VERIFY: 3}
"""How many credentials one operation is about."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that is measured."""

    operation: Operation
    form: Form | None  # None: it makes no difference
    in_flight: int

    @property
    def credentials(self) -> int | None:
        """How many credentials each operation is about, if it is about any."""
        return CREDENTIALS.get(self.operation)


@dataclass(frozen=True, slots=True)
class Batch:
    """Operations of one cell that were measured together. Times are seconds."""

    cell: Cell
    side: Side
    round: int
    seconds: float
    cpu: float
    latencies: tuple[float, ...]

    @property
    def operations(self) -> int:
        return len(self.latencies)

    @property
    def cpu_each(self) -> float:
        """CPU seconds of the agent for one operation."""
        return self.cpu / self.operations

    @property
    def throughput(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds


@dataclass(frozen=True, slots=True)
class Summary:
    """One side of one cell, over all rounds. Times are seconds, of one operation."""

    cpu: Spread
    throughput: Spread
    p50: float
    p95: float
    operations: int

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> "Summary":
        """Raises `ValueError` when nothing was measured."""
        latencies = [each for batch in batches for each in batch.latencies]
        return cls(
            cpu=Spread.of([batch.cpu_each for batch in batches]),
            throughput=Spread.of([batch.throughput for batch in batches]),
            p50=percentile(latencies, 50),
            p95=percentile(latencies, 95),
            operations=len(latencies),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One cell: both sides, and how ours compares. What stock has nothing like has ours alone."""

    cell: Cell
    ours: Summary
    stock: Summary | None
    cpu_ratio: Spread | None

    @classmethod
    def of(cls, cell: Cell, batches: Sequence[Batch]) -> "Comparison":
        """Compare batch by batch in the order in which they were measured."""
        ours, stock = ([each for each in batches if each.side is side] for side in (Side.OURS, Side.STOCK))
        if not stock:
            return cls(cell, Summary.of(ours), None, None)
        ratios = paired_ratios([each.cpu_each for each in ours], [each.cpu_each for each in stock])
        return cls(cell, Summary.of(ours), Summary.of(stock), Spread.of(ratios))


def comparisons(batches: Iterable[Batch]) -> tuple[Comparison, ...]:
    """Every cell that was measured, in the order in which it first was."""
    by_cell: dict[Cell, list[Batch]] = {}
    for batch in batches:
        by_cell.setdefault(batch.cell, []).append(batch)
    return tuple(Comparison.of(cell, measured) for cell, measured in by_cell.items())
