"""What must hold, and whether it did."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.cells import Comparison

MOST_CPU_RATIO = 1.15
MOST_MEMORY = 200 * 2**20
MOST_GROWTH = 20 * 2**20
MOST_REBUILDING_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that must hold; None where it was not measured."""

    name: str
    wanted: str
    measured: str
    holds: bool | None


def all_hold(bounds: Sequence[Bound]) -> bool:
    """Whether something was measured, and nothing that was failed."""
    return any(bound.holds for bound in bounds) and not any(bound.holds is False for bound in bounds)


def cpu_bounds(found: Sequence[Comparison]) -> list[Bound]:
    """Ours beside stock, in every cell that is about credentials."""
    return [_cpu_bound(each) for each in found if each.cell.credentials and each.cpu_ratio]


def _cpu_bound(compared: Comparison) -> Bound:
    cell, ratio = compared.cell, compared.cpu_ratio
    name = f"CPU per credential: {cell.operation} {cell.form}, {cell.in_flight} in flight"
    wanted = f"at most {MOST_CPU_RATIO} of stock's"
    if ratio is None:
        return Bound(name, wanted, "not measured", None)
    return Bound(name, wanted, f"{ratio.median:.2f}", ratio.median <= MOST_CPU_RATIO)


def memory_bound(peaks: dict[str, int]) -> Bound:
    """The largest of our agents, at its largest."""
    name, peak = max(peaks.items(), key=lambda each: each[1])
    return Bound(
        "memory of an agent with plugins",
        f"under {MOST_MEMORY >> 20} MB",
        f"{peak / 2**20:.0f} MB ({name})",
        peak < MOST_MEMORY,
    )


def growth_bound(grown: int | None) -> Bound:
    """Resident memory after 2,000 issues beside what it was before."""
    name, wanted = "growth over 2,000 issues", f"under {MOST_GROWTH >> 20} MB"
    if grown is None:
        return Bound(name, wanted, "not measured", None)
    return Bound(name, wanted, f"{grown / 2**20:.1f} MB", grown < MOST_GROWTH)


def rebuilding_bound(seconds: float) -> Bound:
    """A status list made anew, compressed and signed."""
    return Bound(
        "status list with 10,000 set, made anew",
        f"under {MOST_REBUILDING_SECONDS * 1000:.0f} ms",
        f"{seconds * 1000:.1f} ms",
        seconds < MOST_REBUILDING_SECONDS,
    )
