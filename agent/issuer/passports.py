"""Use cases around a passport, up to the moment when somebody's wallet is connected."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, NotFound, StaffPassportError
from agent.domain.passport import PassportState
from agent.domain.passporting import PASSPORTABLE, Tenure
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, outcome_of
from agent.domain.ports.connections import ConnectionId, Connections, ConnectionState
from agent.domain.ports.invitation_lives import InvitationLives, Invited
from agent.domain.ports.staff_records import SearchId, StaffRecords
from agent.domain.workforce import AssignmentNumber, Organisation, StaffRecord
from agent.issuer.finding import PassportFilter
from agent.issuer.records import PassportRepository, PassportRow
from agent.store.engine import Store

LOGGER = logging.getLogger(__name__)

SYSTEM = "system:issuer"
"""The actor for what follows from an earlier act of a person, by rule."""
_LONGEST_KIND = 100


@dataclass(frozen=True, slots=True)
class KindsOfPassport:
    """The staff groups and employment types of the assignments that passports are for."""

    staff_groups: Sequence[str]
    employment_types: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passports:
    """One employing authority's passports."""

    store: Store
    organisation: Organisation
    audit: Audit
    connections: Connections
    staff_records: StaffRecords
    invitation_lives: InvitationLives
    clock: Clock = utc_now

    async def create(self, search: SearchId, number: AssignmentNumber, *, by: Actor) -> PassportRow:
        """A passport for the person whom `by` found, with the assignment that `by` chose, and its invitation.

        Raises `PolicyRefused` for an assignment that may not be passported, `Conflict` when it has an open
        passport already.
        """
        record = await self.staff_records.chosen(search, number, by=by)
        PASSPORTABLE.require(Tenure(record.assignment, london_day(self.clock())))
        await self._require_no_open_passport(number)
        life = await self.invitation_lives.life(Invited.PASSPORT)
        # Known to the audit by an id that says of nobody who they are, unlike an assignment's number.
        identifier = str(uuid4())
        intent = await self.audit.intend("create passport", actor=by.id, subject=identifier)
        connection = await self._invited(f"Your staff passport from {self.organisation.name}", intent)
        passport = self._passport(identifier, record, connection, life, by)
        try:
            async with self.store.unit(self.organisation.ods_code) as session:
                PassportRepository(session, self.organisation.ods_code).add(passport)
                await session.flush()
                await self.audit.conclude(intent, AuditOutcome.DONE)
        except IntegrityError as error:
            await self.connections.end(connection)
            await self.audit.conclude(intent, AuditOutcome.REFUSED, code="passport_exists")
            raise _passport_exists() from error
        return passport

    async def _invited(self, goal: str, intent: Intent) -> ConnectionId:
        try:
            return await self.connections.invite(goal)
        except StaffPassportError as error:
            await self.audit.conclude(intent, outcome_of(error), code=error.code)
            raise

    async def get(self, passport: str) -> PassportRow:
        """One passport. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            return await PassportRepository(session, self.organisation.ods_code).get(passport)

    async def page(
        self, wanted: PassportFilter, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[PassportRow]:
        """Up to `limit` passports, newest first."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = PassportRepository(session, self.organisation.ods_code)
            return list(await repository.page(wanted, after=after, limit=limit))

    async def kinds(self) -> KindsOfPassport:
        """What passports can be told apart by."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = PassportRepository(session, self.organisation.ods_code)
            return KindsOfPassport(await repository.staff_groups(), await repository.employment_types())

    async def invitation(self, passport: str) -> str:
        """The invitation's link, while it waits to be taken up. Raises `NotFound` once it does not."""
        row = await self.get(passport)
        if row.state != PassportState.INVITED or self.clock() >= row.invitation_expires_at:
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
            row = await PassportRepository(session, self.organisation.ods_code).of_connection(
                connection, lock=True
            )
            if row is None:
                return
            welcome = row.state == PassportState.INVITED and self.clock() < row.invitation_expires_at
            if not welcome and row.state == PassportState.INVITED:
                row.move(PassportState.CLOSED, ended_for="invitation_expired", at=self.clock())
        await (self.connections.accept(connection) if welcome else self.connections.refuse(connection))

    async def connected(self, connection: ConnectionId) -> bool:
        """Somebody's wallet is connected; nothing is known yet of whose it is.

        Whether the connection is a passport's.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await PassportRepository(session, self.organisation.ods_code).of_connection(
                connection, lock=True
            )
            if row is not None and row.state == PassportState.INVITED:
                row.move(PassportState.CONNECTED, at=self.clock())
        return row is not None

    async def catch_up(self) -> None:
        """Find connections that events did not tell of, and then close invitations that ran out."""
        async with self.store.unit(self.organisation.ods_code) as session:
            waiting = await PassportRepository(session, self.organisation.ods_code).waiting()
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
            expired = await PassportRepository(session, self.organisation.ods_code).invited_before(
                self.clock()
            )
            for row in expired:
                row.move(PassportState.CLOSED, ended_for="invitation_expired", at=self.clock())
            ended = [ConnectionId(row.connection) for row in expired]
        for connection in ended:
            await self.connections.end(connection)

    async def _require_no_open_passport(self, number: AssignmentNumber) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            if await PassportRepository(session, self.organisation.ods_code).open_for(number) is not None:
                raise _passport_exists()

    def _passport(
        self, identifier: str, record: StaffRecord, connection: ConnectionId, life: timedelta, by: Actor
    ) -> PassportRow:
        person, now = record.person, self.clock()
        return PassportRow(
            organisation=self.organisation.ods_code,
            id=identifier,
            state=PassportState.INVITED,
            holder_name=f"{person.legal_first_name} {person.legal_surname}",
            employee_number=person.employee_number,
            assignment_number=record.assignment.number,
            staff_group=record.assignment.position.staff_group[:_LONGEST_KIND] or None,
            employment_type=record.assignment.category[:_LONGEST_KIND] or None,
            connection=connection,
            created_by=by.id,
            created_at=now,
            invitation_expires_at=now + life,
            wrong_codes=0,
        )


def _passport_exists() -> Conflict:
    return Conflict(
        "There is an open passport for this assignment; deactivate it first.", code="passport_exists"
    )
