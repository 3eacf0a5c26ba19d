"""This organisation's status lists: a place for each credential, and every list signed anew in time."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, StaffPassportError, Unavailable
from agent.domain.ports.status_lists import StatusListPublisher, StatusPosition, StatusPurpose
from agent.domain.workforce import Organisation
from agent.issuer.records import StatusListRepository
from agent.store.engine import Store

LOGGER = logging.getLogger(__name__)
ENTRIES = 131_072
TRIES = 16
"""Random places that are tried in a list: the next one is begun when the last is full to some 60 %."""
RENEWED_BEFORE_END = timedelta(minutes=30)
_WAITS = 50
_WAIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusListKeeping:
    """One employing authority's lists."""

    store: Store
    organisation: Organisation
    publisher: StatusListPublisher
    clock: Clock = utc_now

    async def positions(self, session: AsyncSession, count: int) -> Sequence[StatusPosition]:
        """Random places that no credential has: from an index nobody learns when a credential was issued."""
        repository = StatusListRepository(session, self.organisation.ods_code)
        number, found = await repository.newest_number(), list[StatusPosition]()
        while True:
            candidates = dict.fromkeys(secrets.randbelow(ENTRIES) for _ in range(TRIES * count))
            unused = await repository.unused(number, candidates)
            found += [StatusPosition(number, index) for index in unused][: count - len(found)]
            if len(found) == count:
                return found
            number += 1

    async def have_published(self, number: int = 1) -> None:
        """Publish the lists of this number unless they were: nobody gets a credential without a status."""
        for purpose in StatusPurpose:
            if not await self._says(purpose, number, 0):
                await self.publish(purpose, number)

    async def decided(self, session: AsyncSession, purpose: StatusPurpose, number: int) -> None:
        """Whose bit is to be set has changed: a round publishes this list, if nobody does before.

        After the credentials' own rows are locked, so that no two units wait for each other.
        """
        repository = StatusListRepository(session, self.organisation.ods_code)
        await repository.decided(purpose, number, at=self.clock())

    async def publish(self, purpose: StatusPurpose, number: int) -> None:
        """Have a list published that says all that is decided by now, by ourselves or by another.

        One replica at a time: who publishes last has read last. Raises `Unavailable`.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            changes = await repository.changes(purpose, number)
        for _ in range(_WAITS):
            async with self._alone(purpose, number) as alone:
                if alone and not await self._says(purpose, number, changes):
                    await self._publish(purpose, number)
            if alone or await self._says(purpose, number, changes):
                return
            await asyncio.sleep(_WAIT_SECONDS)
        raise Unavailable("The status list is being published elsewhere.", code="status_list_busy")

    async def renew(self) -> None:
        """Sign every list anew that runs out soon, or does not say all that was decided."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            due = await repository.due(self.clock() + RENEWED_BEFORE_END)
            lists = [(StatusPurpose(row.purpose), row.number) for row in due]
        for purpose, number in lists:
            try:
                await self._renew(purpose, number)
            except StaffPassportError as error:
                LOGGER.warning("Status list %s %s waits: %s", purpose, number, error.code)

    async def _renew(self, purpose: StatusPurpose, number: int) -> None:
        async with self._alone(purpose, number) as alone:
            if alone:  # otherwise somebody is at it, and the next round looks again
                await self._publish(purpose, number)

    def _alone(self, purpose: StatusPurpose, number: int) -> AbstractAsyncContextManager[bool]:
        return self.store.alone(f"status:{self.organisation.ods_code}:{purpose}:{number}")

    async def _says(self, purpose: StatusPurpose, number: int, changes: int) -> bool:
        """Whether the published list says at least that many changes."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            return await repository.published_changes(purpose, number) >= changes

    async def _publish(self, purpose: StatusPurpose, number: int) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            # In this order: a change that is decided in between is said, and counted as still to be said.
            changes = await repository.changes(purpose, number)
            indices = await repository.set_indices(purpose, number)
        try:
            valid_until = await self.publisher.publish(purpose, number, indices)
        except Conflict as error:  # another clock is ahead of ours: what it published is not what we read
            if error.code != "registry_conflict":
                raise
            raise Unavailable("A newer status list is published.", code="status_list_busy") from error
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            await repository.published(purpose, number, changes=changes, valid_until=valid_until)
