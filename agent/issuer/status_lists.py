"""This organisation's status lists: a place for each credential, and every list signed anew in time."""

import asyncio
import logging
import secrets
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

    async def position(self, session: AsyncSession) -> StatusPosition:
        """A random place that no credential has: from its index nobody learns when one was issued."""
        repository = StatusListRepository(session, self.organisation.ods_code)
        number = await repository.newest_number()
        while True:
            candidates = [secrets.randbelow(ENTRIES) for _ in range(TRIES)]
            index = await repository.unused(number, candidates)
            if index is not None:
                return StatusPosition(number, index)
            number += 1

    async def have_published(self, number: int = 1) -> None:
        """Publish the lists of this number unless they were: nobody gets a credential without a status."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            missing = [each for each in StatusPurpose if await repository.get(each, number) is None]
        for purpose in missing:
            await self.publish(purpose, number)

    async def publish(self, purpose: StatusPurpose, number: int) -> None:
        """Sign and publish a list as the credentials are now.

        One replica at a time: who publishes last has read last. Raises `Unavailable`.
        """
        for _ in range(_WAITS):
            async with self.store.alone(f"status:{self.organisation.ods_code}:{purpose}:{number}") as alone:
                if alone:
                    await self._publish(purpose, number)
                    return
            await asyncio.sleep(_WAIT_SECONDS)
        raise Unavailable("The status list is being published elsewhere.", code="status_list_busy")

    async def mark_stale(self, session: AsyncSession, purpose: StatusPurpose, number: int) -> None:
        """Have the next round publish this list, if nobody did before."""
        row = await StatusListRepository(session, self.organisation.ods_code).get(purpose, number)
        if row is not None:
            row.valid_until = self.clock()

    async def renew(self) -> None:
        """Sign every list anew that runs out soon."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            ending = await repository.ending_before(self.clock() + RENEWED_BEFORE_END)
            lists = [(StatusPurpose(row.purpose), row.number) for row in ending]
        for purpose, number in lists:
            try:
                await self.publish(purpose, number)
            except StaffPassportError as error:
                LOGGER.warning("Status list %s %s waits: %s", purpose, number, error.code)

    async def _publish(self, purpose: StatusPurpose, number: int) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            indices = await repository.set_indices(purpose, number)
        try:
            valid_until = await self.publisher.publish(purpose, number, indices)
        except Conflict as error:  # another clock is ahead of ours: what it published is not what we read
            if error.code != "registry_conflict":
                raise
            raise Unavailable("A newer status list is published.", code="status_list_busy") from error
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = StatusListRepository(session, self.organisation.ods_code)
            await repository.published(purpose, number, valid_until=valid_until)
