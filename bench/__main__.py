"""`python -m bench`: measure, print the tables, write the JSON; exit code 1 when a bound does not hold."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.cells import Operation
from bench.growth import growth
from bench.network import Bench, a_bench
from bench.plan import Plan
from bench.results import Results
from bench.status_lists import rebuilding_times
from bench.table import tables
from staff_passport.processes import ending_on_signals

LATEST = Path(__file__).parent / "results" / "latest.json"
BOUND_BROKEN = 1
STOPPED = 130
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do."""

    rounds: int
    batch: int
    receivers: int
    operations: frozenset[Operation]
    memory: bool


async def measure(options: Options, keep: Callable[[Results], None]) -> Results:
    """Start everything, measure, and stop everything. Each round is kept as soon as it is over."""
    began = datetime.now(UTC)
    async with ending_on_signals(), a_bench(receivers=options.receivers, presenters=2) as bench:
        plan, load = Plan(bench), list[float]()
        console.print("Everything runs. Warming up …")
        await plan.prepare()
        results = await _results(bench, plan, began, load)
        for number in range(1, options.rounds + 1):
            load.append(os.getloadavg()[0])
            console.print(f"Round {number} of {options.rounds} (load {load[-1]:.1f}) …")
            await plan.round(number, operations=options.operations, batch=options.batch)
            results = await _results(bench, plan, began, load)
            keep(results)
        if options.memory:
            console.print("2,000 credentials, for the memory …")
            async for grown in growth(plan):
                console.print(f"{grown.credentials:>5}: {grown.grown / 2**20:+.1f} MB")
                used = {name: meter.memory() for name, meter in bench.our_meters.items()}
                results = replace(results, growth=grown, our_memory=used)
                keep(results)
        return results


async def _results(bench: Bench, plan: Plan, began: datetime, load: Sequence[float]) -> Results:
    return Results(
        began=began,
        rounds=len(load),
        load=tuple(load),
        batches=tuple(plan.batches),
        our_memory={name: meter.memory() for name, meter in bench.our_meters.items()},
        stock_memory={name: meter.memory() for name, meter in bench.stock_meters.items()},
        rebuilding=await rebuilding_times(),
        growth=None,
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=0, help="How often every cell is measured.")] = 5,
    batch: Annotated[int, typer.Option(min=1, help="Operations in a cell; twice as many 10 in flight.")] = 6,
    receivers: Annotated[int, typer.Option(min=1, help="Wallets that credentials are issued to.")] = 2,
    only: Annotated[list[Operation] | None, typer.Option(help="Measure this alone: issue, verify.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One small round, to see that it works.")] = False,
    memory: Annotated[bool, typer.Option("--memory", help="Issue 2,000 credentials too.")] = False,
    output: Annotated[Path, typer.Option(help="Where the JSON goes.")] = LATEST,
) -> None:
    """Measure our agents beside stock ACA-Py."""
    rounds, batch = (1, 2) if quick else (rounds, batch)
    options = Options(rounds, batch, receivers, frozenset(only or Operation), memory)

    kept = list[Results]()

    def keep(results: Results) -> None:
        kept.append(results)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(results.to_json(), indent=1), encoding="utf-8")

    try:
        results = asyncio.run(measure(options, keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print(f"Stopped. What was measured so far is in {output}." if kept else "Stopped.")
        raise typer.Exit(STOPPED) from None
    Console(width=None if sys.stdout.isatty() else 170).print(tables(results))
    raise typer.Exit(0 if results.all_hold else BOUND_BROKEN)


if __name__ == "__main__":
    typer.run(main)
