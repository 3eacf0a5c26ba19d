import asyncio
import os

from agent.comparison_code import comparison_code
from agent.domain.ports.connections import ConnectionDids
from bench.process_figures import Meter


async def test_many_codes_at_once_take_the_memory_of_one() -> None:
    meter = Meter(os.getpid())
    meter.forget_peak()
    before = meter.memory().resident

    codes = await asyncio.gather(*(comparison_code(ConnectionDids("did:a", f"did:{n}")) for n in range(6)))

    assert len(set(codes)) == 6
    assert meter.memory().peak - before < 60 * 2**20
