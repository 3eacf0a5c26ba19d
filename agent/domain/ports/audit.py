"""The record of who did what, which outlives what it was done to."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from agent.domain.errors import LimitReached, Refused, StaffPassportError, Unavailable

IntentId = NewType("IntentId", str)


class AuditOutcome(StrEnum):
    """How an intended act ended."""

    DONE = "done"
    REFUSED = "refused"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the process stopped in between; nobody can tell


@dataclass(frozen=True, slots=True)
class Intent:
    """An act that somebody is about to do."""

    id: IntentId
    action: str
    actor: str
    subject: str


class Audit(ABC):
    """An append-only chain for one organisation. An entry cannot be made without an actor."""

    @abstractmethod
    async def intend(self, action: str, *, actor: str, subject: str) -> Intent:
        """Record, durably and before it happens, that `actor` is about to do `action` to `subject`.

        `subject` names a thing by its identifier and is stored as a salted reference.
        """

    @abstractmethod
    async def intend_within(self, action: str, *, actor: str, subject: str) -> Intent:
        """The same in the unit of work in hand, after the rows that it locks: it is durable with that unit.

        Nothing irrevocable may happen before the unit is committed.
        """

    @abstractmethod
    async def conclude(self, intent: Intent, outcome: AuditOutcome, *, code: str | None = None) -> None:
        """Record how it ended, within the unit of work in hand, so that both are kept or neither."""

    @abstractmethod
    async def note(
        self, action: str, *, actor: str, subject: str, outcome: AuditOutcome, code: str | None = None
    ) -> None:
        """Record what took nothing irrevocable with it and has ended: intent and outcome, kept at once."""

    @asynccontextmanager
    async def recording(self, action: str, *, actor: str, subject: str) -> AsyncIterator[Intent]:
        """Intend, run the block, and conclude with what the block came to, even when it raises."""
        intent = await self.intend(action, actor=actor, subject=subject)
        try:
            yield intent
        except BaseException as error:
            await self.conclude(intent, outcome_of(error), code=code_of(error))
            raise
        await self.conclude(intent, AuditOutcome.DONE)

    @asynccontextmanager
    async def kept_with[S](
        self, unit: AbstractAsyncContextManager[S], action: str, *, actor: str, subject: str
    ) -> AsyncIterator[S]:
        """Intend, then run the block in `unit` and conclude in it: change and outcome are kept together.

        A block that raises changes nothing, and is concluded by itself.
        """
        intent = await self.intend(action, actor=actor, subject=subject)
        try:
            async with unit as session:
                yield session
                await self.conclude(intent, AuditOutcome.DONE)
        except BaseException as error:
            await self.conclude(intent, outcome_of(error), code=code_of(error))
            raise


@dataclass(frozen=True, slots=True)
class ChainState:
    """How many entries a chain had, and the root of its Merkle tree then."""

    size: int
    root: bytes


class CheckpointSigner(ABC):
    """Signs with the organisation's audit key, which signs nothing else."""

    @abstractmethod
    async def checkpoint(self, size: int, root: bytes, *, at: datetime) -> bytes:
        """A signed note of how many entries the chain has and the root of its Merkle tree.

        Raises `Conflict` with code `no_did` while the organisation has no DID.
        """


class CheckpointPublisher(ABC):
    """Where strangers read the newest checkpoint, and where none can be taken back."""

    @abstractmethod
    async def published(self) -> ChainState | None:
        """What the published checkpoint says; None when there is none.

        Raises `Unavailable`, and `Conflict` with code `no_did` while the organisation has no DID.
        """

    @abstractmethod
    async def publish(self, note: bytes, *, after: int, proof: Sequence[bytes]) -> None:
        """Publish; `proof` shows that it extends the one of size `after`.

        Raises `Unavailable`, and `Conflict` when another was published in between.
        """


_LONGEST_CODE = 60


def code_of(error: BaseException) -> str | None:
    """Why an act ended with `error`: every rule that was broken, or the error's own code."""
    if isinstance(error, Refused) and error.code == Refused.code:
        return ",".join(refusal.code for refusal in error.refusals)[:_LONGEST_CODE]
    return getattr(error, "code", None)


def outcome_of(error: BaseException) -> AuditOutcome:
    """What an act came to that ended with `error`."""
    if isinstance(error, Unavailable):
        return AuditOutcome.UNAVAILABLE
    if isinstance(error, Refused | LimitReached):
        return AuditOutcome.REFUSED
    return AuditOutcome.FAILED if isinstance(error, StaffPassportError) else AuditOutcome.UNKNOWN
