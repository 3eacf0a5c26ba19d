"""How a batch is measured: so many at a time, each one's time, and what the agent's process used for all."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.process_figures import Meter

type Act = Callable[[], Awaitable[None]]

QUIET_FOR_SECONDS = 0.25
QUIET_SHARE = 0.06
"""A process that uses less of one core than this does nothing but wait."""
QUIET_WITHIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Work:
    """One operation: what is timed, and what then makes sure that the agent knows of its end, too."""

    do: Act
    settle: Act | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a batch took, in seconds: by the clock, of the agent's CPU, and for each operation."""

    seconds: float
    cpu: float
    latencies: tuple[float, ...]


async def measured(work: Sequence[Work], meter: Meter, *, in_flight: int) -> Measured:
    """Do `work`, `in_flight` at a time. The CPU is counted until the agent is quiet again."""
    await quiet(meter)
    cpu, started = meter.cpu(), time.perf_counter()
    latencies = await _in_flight([each.do for each in work], in_flight)
    seconds = time.perf_counter() - started
    await _in_flight([each.settle for each in work if each.settle], in_flight)
    await quiet(meter)
    return Measured(seconds, meter.cpu() - cpu, tuple(latencies))


async def quiet(*meters: Meter, within: float = QUIET_WITHIN_SECONDS) -> None:
    """Wait until the processes only wait, at most `within` seconds: rounds of theirs may come at any time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while await _busy(meters):
                pass


async def _busy(meters: Sequence[Meter]) -> bool:
    before = [meter.cpu() for meter in meters]
    await asyncio.sleep(QUIET_FOR_SECONDS)
    used = [meter.cpu() - earlier for meter, earlier in zip(meters, before, strict=True)]
    return max(used) > QUIET_FOR_SECONDS * QUIET_SHARE


async def _in_flight(acts: Sequence[Act], count: int) -> list[float]:
    """Do all, `count` at a time, in order; how long each took."""
    waiting, latencies = iter(acts), list[float]()

    async def worker() -> None:
        for act in waiting:
            started = time.perf_counter()
            await act()
            latencies.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(worker())
    return latencies
