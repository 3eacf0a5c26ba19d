"""Medians, spreads and percentiles of what was measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds gave: the middle, and both ends."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises `ValueError` when nothing was measured."""
        if not values:
            raise ValueError("nothing was measured")
        return cls(median(values), min(values), max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of 100 do not exceed (nearest rank).

    Raises `ValueError` when nothing was measured.
    """
    if not values:
        raise ValueError("nothing was measured")
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


def paired_ratios(ours: Sequence[float], stock: Sequence[float]) -> list[float]:
    """Ours over stock, each with its neighbour in time: whatever slowed one slowed the other too."""
    return [mine / theirs for mine, theirs in zip(ours, stock, strict=True)]
