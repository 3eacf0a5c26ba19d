"""Use cases around a review, up to the moment when the person's wallet is connected."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import NotFound, StaffPassportError
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, outcome_of
from agent.domain.ports.connections import ConnectionId, Connections, ConnectionState
from agent.domain.ports.invitation_lives import InvitationLives, Invited
from agent.domain.review import ReviewState
from agent.domain.workforce import Organisation
from agent.store.engine import Store
from agent.verifier.records import ReviewRepository, ReviewRow

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One host organisation's reviews."""

    store: Store
    organisation: Organisation
    audit: Audit
    connections: Connections
    invitation_lives: InvitationLives
    clock: Clock = utc_now

    async def create(self, purpose: str, *, by: Actor) -> ReviewRow:
        """A review of one person, with an invitation to them; `purpose` is what they will read."""
        identifier, life = str(uuid4()), await self.invitation_lives.life(Invited.REVIEW)
        intent = await self.audit.intend("create review", actor=by.id, subject=identifier)
        connection = await self._invited(f"{self.organisation.name}: {purpose}", intent)
        now = self.clock()
        row = ReviewRow(
            organisation=self.organisation.ods_code,
            id=identifier,
            state=ReviewState.INVITED,
            purpose=purpose,
            connection=connection,
            created_by=by.id,
            created_at=now,
            invitation_expires_at=now + life,
        )
        async with self.store.unit(self.organisation.ods_code) as session:
            ReviewRepository(session, self.organisation.ods_code).add(row)
            await self.audit.conclude(intent, AuditOutcome.DONE)
        return row

    async def _invited(self, goal: str, intent: Intent) -> ConnectionId:
        try:
            return await self.connections.invite(goal)
        except StaffPassportError as error:
            await self.audit.conclude(intent, outcome_of(error), code=error.code)
            raise

    async def get(self, review: str) -> ReviewRow:
        """One review. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            return await ReviewRepository(session, self.organisation.ods_code).review(review)

    async def page(
        self, *, state: ReviewState | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[ReviewRow]:
        """Up to `limit` reviews, newest first."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = ReviewRepository(session, self.organisation.ods_code)
            return list(await repository.page(state=state, after=after, limit=limit))

    async def invitation(self, review: str) -> str:
        """The invitation's link, while it waits to be taken up. Raises `NotFound` once it does not."""
        row = await self.get(review)
        if row.state != ReviewState.INVITED or self.clock() >= row.invitation_expires_at:
            raise NotFound("The invitation is no longer open.", code="invitation_closed")
        return await self.connections.invitation_url(
            ConnectionId(row.connection), until=row.invitation_expires_at
        )

    async def connection_requested(self, connection: ConnectionId) -> None:
        """Let the first wallet in while the invitation is valid, and nobody else.

        Event and round may both come to it: answered twice, the two ends would know different DIDs.
        """
        async with self.store.alone(f"connection:{connection}") as alone:
            if alone and await self.connections.state(connection) is ConnectionState.REQUESTED:
                await self._answer(connection)

    async def _answer(self, connection: ConnectionId) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await ReviewRepository(session, self.organisation.ods_code).of_connection(
                connection, lock=True
            )
            if row is None:
                return
            welcome = row.state == ReviewState.INVITED and self.clock() < row.invitation_expires_at
            if not welcome and row.state == ReviewState.INVITED:
                row.state = ReviewState.CLOSED
        await (self.connections.accept(connection) if welcome else self.connections.refuse(connection))

    async def connected(self, connection: ConnectionId) -> bool:
        """The person's wallet is connected. Whether the connection is a review's."""
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await ReviewRepository(session, self.organisation.ods_code).of_connection(
                connection, lock=True
            )
            if row is not None and row.state == ReviewState.INVITED:
                row.state = ReviewState.CONNECTED
        return row is not None

    async def catch_up(self) -> None:
        """Find connections that events did not tell of, and then close invitations that ran out."""
        async with self.store.unit(self.organisation.ods_code) as session:
            waiting = await ReviewRepository(session, self.organisation.ods_code).waiting()
        for connection in map(ConnectionId, waiting):
            try:
                await self._catch_up_with(connection)
            except Exception as error:  # noqa: BLE001  # one wallet must not keep the others waiting
                LOGGER.warning("Connection %s waits: %s", connection, type(error).__qualname__)
        await self._close_expired()

    async def _catch_up_with(self, connection: ConnectionId) -> None:
        state = await self.connections.state(connection)
        if state is ConnectionState.COMPLETED:
            await self.connected(connection)
        elif state is ConnectionState.REQUESTED:
            await self.connection_requested(connection)

    async def _close_expired(self) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            expired = await ReviewRepository(session, self.organisation.ods_code).invited_before(self.clock())
            for row in expired:
                row.state = ReviewState.CLOSED
            ended = [ConnectionId(row.connection) for row in expired]
        for connection in ended:
            await self.connections.end(connection)
