from bench.status_lists import REPETITIONS, rebuilding_times


async def test_each_repetition_is_timed_from_the_bits_to_the_signature() -> None:
    times = iter(range(0, 10 * REPETITIONS, 5))

    assert await rebuilding_times(clock=lambda: float(next(times))) == [5.0] * REPETITIONS
