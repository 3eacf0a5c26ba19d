"""Requests take turns: so many at once, so many a second."""

import asyncio
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.esr_plugin.pace import Pace, Turn
from tests.support.virtual_clock import in_virtual_time, now


async def flood(pace: Pace, questions: int, *, lasting: float = 0.0) -> list[float]:
    """When each of so many requests began that all wanted to begin at once."""
    began: list[float] = []

    async def ask() -> None:
        async with pace.turn(Turn()):
            began.append(now())
            await asyncio.sleep(lasting)

    await asyncio.gather(*(ask() for _ in range(questions)))
    return began


@given(
    a_second=st.floats(min_value=0.5, max_value=200),
    burst=st.integers(min_value=1, max_value=20),
    most_in_flight=st.integers(min_value=1, max_value=10),
    lasting=st.floats(min_value=0, max_value=0.5),
)
def test_in_no_time_do_more_begin_than_the_burst_and_what_the_rate_lets_in_meanwhile(
    a_second: float, burst: int, most_in_flight: int, lasting: float
) -> None:
    pace = Pace(most_in_flight=most_in_flight, a_second=a_second, burst=burst)
    began = in_virtual_time(flood(pace, 30, lasting=lasting))
    assert len(began) == 30
    for (first, start), (last, end) in combinations(enumerate(began), 2):
        assert last - first + 1 <= burst + a_second * (end - start) + 1e-6


def test_after_the_burst_they_begin_as_fast_as_the_rate_lets_them() -> None:
    pace = Pace(most_in_flight=100, a_second=10, burst=5)
    began = in_virtual_time(flood(pace, 25))
    assert began[4] == pytest.approx(0, abs=0.01)
    assert began[-1] == pytest.approx(2, abs=0.01)


def test_who_waits_for_a_free_place_is_not_counted_for_a_second_that_passes_meanwhile() -> None:
    """Or all who waited would begin together when the place is free."""
    pace = Pace(most_in_flight=1, a_second=1, burst=1)
    began = in_virtual_time(flood(pace, 4, lasting=3))
    assert began == pytest.approx([0, 3, 6, 9], abs=0.01)


async def test_a_turn_says_whether_it_is_still_waited_for() -> None:
    pace = Pace(most_in_flight=1, a_second=1000, burst=1000)
    first, second = Turn(), Turn()
    async with pace.turn(first):
        waiting = asyncio.create_task(_take(pace, second))
        await asyncio.sleep(0)
        assert (first.waiting, second.waiting) == (False, True)
    await waiting
    assert not second.waiting


async def test_who_gives_up_waiting_leaves_the_place_to_the_next() -> None:
    pace = Pace(most_in_flight=1, a_second=1000, burst=1000)
    async with pace.turn(Turn()):
        given_up = asyncio.create_task(_take(pace, Turn()))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
    await _take(pace, Turn())


async def _take(pace: Pace, turn: Turn) -> None:
    async with pace.turn(turn):
        pass
