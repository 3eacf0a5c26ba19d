"""An event loop whose clock creeps while anything happens, and jumps to the next timer when nothing does."""

import asyncio
import selectors
from collections.abc import Coroutine

_GRACE = 0.005
"""Real seconds in which what another socket of this process has just sent arrives."""
_CREEP = 1e-6
"""Seconds by which every turn of the loop moves on: in no time at all, a rounding error is never overcome."""


class _Selector(selectors.DefaultSelector):
    """Moves the clock on in place of waiting; waits only for sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += _CREEP
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(min(timeout, _GRACE) if len(self.get_map()) > 1 else 0)
        if not ready:
            self.now += timeout
        return ready


class _VirtualClockLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def in_virtual_time[T](story: Coroutine[object, object, T]) -> T:
    """Run `story` to its end; its waiting by the clock takes no time. It must not wait for threads."""
    with asyncio.Runner(loop_factory=_VirtualClockLoop) as runner:
        return runner.run(story)


def now() -> float:
    """The virtual time, in seconds."""
    return asyncio.get_running_loop().time()
