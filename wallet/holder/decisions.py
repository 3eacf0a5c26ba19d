"""The person's decisions are carried out one after the other, as each reads a state and then changes it."""

import asyncio


class OneAtATime(asyncio.Lock):
    """Held while a decision is carried out: no offer is accepted twice, and the store is never overrun."""
