"""How fast the machine is just now. A virtual one may be half as fast a minute later, whatever its load."""

import time

STEPS = 5_000_000


def pace() -> float:
    """Seconds that a fixed piece of arithmetic takes, with nothing else of ours running beside it."""
    began, total = time.perf_counter(), 0
    for number in range(STEPS):
        total += number * number
    return time.perf_counter() - began
