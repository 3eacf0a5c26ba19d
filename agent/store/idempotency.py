"""Calls that may come twice: the first is done, each later one gets the first one's answer."""

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, delete, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from agent.domain.clock import utc_now
from agent.domain.errors import Conflict, InvalidInput, StaffPassportError
from agent.domain.workforce import OdsCode
from agent.store.engine import Store
from agent.store.tables import Instant, OfOrganisation, Table

KEPT_FOR = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(minutes=5)
"""A call that has no answer by then died with its process; its key may be used again."""

UNANSWERED = text("answer IS NULL")


class IdempotencyKey(OfOrganisation, Table):
    """One key, with the digest of the call it was first used for."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index("idempotency_keys_by_age", "organisation", "at"),
        Index("unanswered_idempotency_keys", "organisation", "at", postgresql_where=UNANSWERED),
        {"schema": "organisation"},
    )

    actor: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(Instant)


class IdempotencyKeys:
    """One organisation's keys."""

    def __init__(self, store: Store, organisation: OdsCode) -> None:
        self._store = store
        self._organisation = organisation

    async def once(
        self, key: str, *, actor: str, digest: str, act: Callable[[], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        """`act`'s answer, from now or from the first time.

        Raises `InvalidInput` when the key was used for another call, `Conflict` while the first one runs.
        """
        if (known := await self._claim(key, actor, digest)) is not None:
            return self._first_answer(known, digest)
        try:
            answer = await act()
        except StaffPassportError:
            # Said no, or could not go on: the same call may be tried again. What was decided by then stands,
            # as with revocations that wait for the registry, and the next try goes on from there.
            await self._release(key, actor)
            raise
        await self._keep(key, actor, answer)
        return answer

    async def forget_answers_about(self, things: AbstractSet[str]) -> None:
        """Delete keys whose answer is about any of these: it may say whose they were."""
        about = IdempotencyKey.answer["id"].astext.in_(sorted(things))
        async with self._store.unit(self._organisation) as session:
            await session.execute(
                delete(IdempotencyKey).where(IdempotencyKey.organisation == self._organisation, about)
            )

    async def _claim(self, key: str, actor: str, digest: str) -> IdempotencyKey | None:
        """None when the key is now ours; otherwise the row of its first use."""
        async with self._store.unit(self._organisation) as session:
            now = utc_now()
            stale = (IdempotencyKey.at < now - KEPT_FOR) | (
                IdempotencyKey.answer.is_(None) & (IdempotencyKey.at < now - GIVEN_UP_AFTER)
            )
            await session.execute(delete(IdempotencyKey).where(stale))
            row = {
                "organisation": self._organisation,
                "actor": actor,
                "key": key,
                "digest": digest,
                "at": now,
            }
            claimed = await session.execute(
                insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
            )
            if claimed.first() is not None:
                return None
            return await session.get_one(IdempotencyKey, self._identity(actor, key))

    def _first_answer(self, known: IdempotencyKey, digest: str) -> dict[str, Any]:
        if known.digest != digest:
            raise InvalidInput(
                "This idempotency key was used for another call.", code="idempotency_key_reused"
            )
        if known.answer is None:
            raise Conflict("The same call is still running.", code="call_in_progress")
        return known.answer

    def _identity(self, actor: str, key: str) -> dict[str, str]:
        return {"organisation": self._organisation, "actor": actor, "key": key}

    async def _release(self, key: str, actor: str) -> None:
        async with self._store.unit(self._organisation) as session:
            row = await session.get_one(IdempotencyKey, self._identity(actor, key))
            await session.delete(row)

    async def _keep(self, key: str, actor: str, answer: dict[str, Any]) -> None:
        async with self._store.unit(self._organisation) as session:
            row = await session.get_one(IdempotencyKey, self._identity(actor, key))
            row.answer = answer
