"""What happened in the wallet, numbered, so that a client can wait for the next thing."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

KEPT = 10_000


class Kind(StrEnum):
    """What an event is about."""

    CONNECTION = "connection"
    OFFER = "offer"
    CREDENTIAL = "credential"
    REQUEST = "request"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class WalletEvent:
    """One change of state: identifiers and the state, nothing that anybody claimed."""

    number: int
    at: datetime
    kind: Kind
    id: str
    state: str
    connection_id: str | None


class UnknownEvent(Exception):
    """A client has seen a number that this wallet has not come to: it was started again since."""


class EventLog:
    """The latest `KEPT` events since the wallet started, the first of which has the number 1."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._events: deque[WalletEvent] = deque(maxlen=KEPT)
        self._last = 0
        self._something_new = asyncio.Condition()

    @property
    def last(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._last

    async def add(self, kind: Kind, identifier: str, state: str, connection_id: str | None) -> None:
        async with self._something_new:
            self._last += 1
            self._events.append(
                WalletEvent(self._last, self._clock(), kind, identifier, state, connection_id)
            )
            self._something_new.notify_all()

    async def after(self, number: int, *, within: float) -> tuple[WalletEvent, ...]:
        """Every event after `number`; where there is none yet, wait for one, at most `within` seconds.

        Raises `UnknownEvent`.
        """
        if number > self._last:
            raise UnknownEvent
        async with self._something_new:
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._something_new.wait_for(lambda: self._last > number)
            return tuple(event for event in self._events if event.number > number)
