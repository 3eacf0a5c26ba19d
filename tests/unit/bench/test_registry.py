"""What the benchmark of the registry says that it found."""

from dataclasses import replace

from bench.bounds import all_hold
from bench.registry import RegistryFigures
from bench.spread import Spread

FOUND = RegistryFigures(
    dids=1_000,
    documents=7_000,
    published_a_second=100,
    reads=Spread(1_500, 1_200, 2_000),
    p50=0.0035,
    p95=0.0063,
    cpu=Spread(0.00025, 0.0002, 0.0005),
    load=7.5,
    memory_at_first=60 * 2**20,
    memory=100 * 2**20,
)


def test_a_busy_machine_is_not_held_against_the_registry() -> None:
    reads, clock, memory = FOUND.bounds

    assert (reads.measured, reads.holds) == ("4,000 (2,000 to 5,000)", True)
    assert (clock.measured, clock.holds) == ("1,500; p50 3.5, p95 6.3 ms", None)
    assert (memory.measured, memory.holds) == ("100 MB (when it starts: 60)", True)
    assert all_hold(FOUND.bounds)


def test_a_registry_that_is_slow_or_large_fails() -> None:
    slow = replace(FOUND, cpu=Spread(0.00051, 0.0005, 0.0006))
    large = replace(FOUND, memory=120 * 2**20)

    assert [bound.holds for bound in slow.bounds] == [False, None, True]
    assert [bound.holds for bound in large.bounds] == [True, None, False]
