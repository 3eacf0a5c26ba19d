"""The operator's use cases: to invite an organisation, call it back, decide, and say how it stands."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agent.audit.evidence import Evidence
from agent.comparison_code import comparison_code
from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.errors import Conflict, InvalidInput, NotFound, Refusal, Refused
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.ports.connections import ConnectionId, Connections, ConnectionState
from agent.domain.ports.identity import StatementSigner, StatementVerifier
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.operator import OrganisationLink, RegisteredOrganisations
from agent.domain.ports.trust_register import TrustRegister
from agent.domain.registration import RegistrationState, Succession, read_succession
from agent.domain.second_person import SECOND_PERSON, Agreement
from agent.domain.workforce import OdsCode, Organisation
from agent.operator.policy import APPROVAL, Candidate
from agent.operator.records import ApplicationRepository, ApplicationRow, ApplicationState
from agent.registration_protocol import GOAL, STATUS, STATUS_STATEMENT, TRUST_STATEMENT
from agent.store.engine import Store

SYSTEM = "system:operator"
BETWEEN_APPLICATIONS = timedelta(seconds=30)
LONGEST_DID = 300
FURTHEST_AHEAD = timedelta(days=2 * 366)
"""Of a succession: a date beyond is a mistake."""
_TOLD_AS = {
    ApplicationState.APPROVED: RegistrationState.APPROVED,
    ApplicationState.DECLINED: RegistrationState.DECLINED,
    ApplicationState.SUSPENDED: RegistrationState.SUSPENDED,
    ApplicationState.SUCCEEDED: RegistrationState.SUCCEEDED,
    ApplicationState.CLOSED: RegistrationState.DECLINED,
}
_DECIDED = frozenset(
    {
        ApplicationState.APPROVED,
        ApplicationState.SUSPENDED,
        ApplicationState.SUCCEEDED,
        ApplicationState.CLOSED,
    }
)

type _Judge = Callable[[ApplicationRow], None]
"""Raises when it may not be decided so, and adds what belongs to the decision."""
type _Listed = Callable[[OdsCode], Awaitable[None]]
"""What the decision does to the organisation's entry in the trust list."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """How somebody at the operator checked that the organisation itself applies."""

    number: str
    number_from: str  # where they have the number from: not from the application
    spoke_to: str
    code: str  # as the other side read it out
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Applications(RegisteredOrganisations):
    """All organisations that were invited to register."""

    store: Store
    organisation: Organisation
    audit: Audit
    evidence: Evidence
    connections: Connections
    link: OrganisationLink
    users: NominatedUsers
    trust: TrustRegister
    statements: StatementSigner
    verifier: StatementVerifier
    invitation_life: timedelta
    clock: Clock = utc_now

    # Invite

    async def invite(self, ods_code: OdsCode, *, by: Actor) -> ApplicationRow:
        """An invitation for one organisation. Raises `Conflict` when it has an open application."""
        async with self.audit.recording("invite organisation", actor=by.id, subject=ods_code):
            connection = await self.connections.invite(GOAL)
            try:
                async with self._unit() as session:
                    # The organisation takes no status that is older than one that it has.
                    last = await self._repository(session).last_version(ods_code)
                    row = self._new(ods_code, connection, by, after=last)
                    self._repository(session).add(row)
            except IntegrityError as error:
                await self.connections.end(connection)
                raise Conflict(
                    "This organisation has an application already that is not closed.",
                    code="application_exists",
                ) from error
        return row

    def _new(self, ods_code: OdsCode, connection: ConnectionId, by: Actor, *, after: int) -> ApplicationRow:
        now = self.clock()
        return ApplicationRow(
            organisation=self.organisation.ods_code,
            id=str(uuid4()),
            ods_code=ods_code,
            state=ApplicationState.INVITED,
            connection=connection,
            invited_by=by.id,
            invited_at=now,
            invitation_expires_at=now + self.invitation_life,
            status_version=after,
        )

    async def invitation(self, application: str) -> str:
        """The invitation's link, while it waits to be taken up. Raises `NotFound` once it does not."""
        row = await self.get(application)
        if row.state != ApplicationState.INVITED or self.clock() >= row.invitation_expires_at:
            raise NotFound("The invitation is no longer open.", code="invitation_closed")
        return await self.connections.invitation_url(
            ConnectionId(row.connection), until=row.invitation_expires_at
        )

    async def get(self, application: str) -> ApplicationRow:
        """One application. Raises `NotFound`."""
        async with self._unit() as session:
            return await self._repository(session).get(application)

    async def page(
        self, *, state: ApplicationState | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ApplicationRow]:
        """Up to `limit` applications, newest first."""
        async with self._unit() as session:
            return await self._repository(session).page(state=state, after=after, limit=limit)

    # Connect

    async def connection_requested(self, connection: ConnectionId) -> None:
        """Let the first agent in while the invitation is valid, and nobody else."""
        async with self.store.alone(f"connection:{connection}") as alone:
            if alone and await self.connections.state(connection) is ConnectionState.REQUESTED:
                await self._answer(connection)

    async def _answer(self, connection: ConnectionId) -> None:
        async with self._unit() as session:
            row = await self._repository(session).of_connection(connection, lock=True)
            if row is None:
                return
            welcome = row.state == ApplicationState.INVITED and self.clock() < row.invitation_expires_at
            if not welcome and row.state == ApplicationState.INVITED:
                row.move(ApplicationState.CLOSED)
        await (self.connections.accept(connection) if welcome else self.connections.refuse(connection))

    async def connected(self, connection: ConnectionId) -> None:
        """Somebody's agent is connected; whose, the call back shows."""
        async with self._unit() as session:
            row = await self._repository(session).of_connection(connection, lock=True)
            if row is not None and row.state == ApplicationState.INVITED:
                row.move(ApplicationState.CONNECTED)

    async def catch_up(self) -> None:
        """Find connections that events did not tell of, and close invitations that ran out."""
        async with self._unit() as session:
            waiting = await self._repository(session).waiting()
        for row in waiting:
            connection = ConnectionId(row.connection)
            state = await self.connections.state(connection)
            if state is ConnectionState.COMPLETED:
                await self.connected(connection)
            elif state is ConnectionState.REQUESTED:
                await self.connection_requested(connection)
            elif self.clock() >= row.invitation_expires_at:
                await self._close(row.id)

    async def _close(self, application: str) -> None:
        async with self._unit() as session:
            row = await self._repository(session).get(application, lock=True)
            if row.state != ApplicationState.INVITED:
                return
            row.move(ApplicationState.CLOSED)
        await self.connections.end(ConnectionId(row.connection))

    # Hear

    async def applied(self, connection: ConnectionId, told: Mapping[str, Any]) -> dict[str, Any]:
        """An organisation says who it is; what to answer. Raises `NotFound` over another connection.

        One that was decided is not changed any more, except that one which was declined may apply anew.
        """
        async with self._unit() as session:
            row = await self._of(session, connection)
            before = row.application
            is_new = before is None or before.get("id") != told["id"]
            if is_new and row.state not in _DECIDED:
                self._require_not_too_soon(row)
                intent = await self.audit.intend_within("receive application", actor=SYSTEM, subject=row.id)
                row.move(ApplicationState.RECEIVED)
                row.application, row.received_at, row.call_back = dict(told), self.clock(), None
                await self.audit.conclude(intent, AuditOutcome.DONE)
        return _told(row)

    def _require_not_too_soon(self, row: ApplicationRow) -> None:
        """A stranger fills neither the audit nor the store."""
        if row.state != ApplicationState.RECEIVED or row.received_at is None:
            return
        if self.clock() - row.received_at < BETWEEN_APPLICATIONS:
            raise Conflict("An application came just now.", code="too_soon")

    async def trust_requested(self, connection: ConnectionId, statement: object) -> dict[str, Any]:
        """An organisation asks for its entry in the trust list, in a statement signed by the DID it is about.

        Raises `InvalidInput` unless it is, `Conflict` for an organisation that was not approved.
        """
        await self._require_may_ask_for_trust(connection)  # before a stranger has us look up a DID
        verified = await self.verifier.verified(statement, TRUST_STATEMENT)
        async with self._unit() as session:
            row = await self._of(session, connection)
            _require_registered(row)
            said = verified.content
            ours = said.get("ods_code") == row.ods_code and said.get("did") == verified.issuer
            if not ours or len(verified.issuer) > LONGEST_DID:
                raise InvalidInput("The request is about somebody else.", code="statement_refused")
            if row.did != verified.issuer:
                intent = await self.audit.intend_within(
                    "receive trust list request", actor=SYSTEM, subject=row.id
                )
                row.did, row.trust_requested_at = verified.issuer, self.clock()
                row.trust_request = {"signed": statement}
                await self.audit.conclude(intent, AuditOutcome.DONE)
        return _told(row)

    async def _require_may_ask_for_trust(self, connection: ConnectionId) -> None:
        async with self._unit() as session:
            _require_registered(await self._of(session, connection))

    async def enquired(self, connection: ConnectionId) -> dict[str, Any]:
        """An organisation asks how it stands. Raises `NotFound` over another connection."""
        async with self._unit() as session:
            return _told(await self._of(session, connection))

    async def at(self, connection: ConnectionId) -> OdsCode | None:
        """Which approved organisation is at the other end of a connection."""
        async with self._unit() as session:
            row = await self._repository(session).of_connection(connection, lock=False)
        if row is None or row.state != ApplicationState.APPROVED:
            return None
        return OdsCode(row.ods_code)

    async def _of(self, session: AsyncSession, connection: ConnectionId) -> ApplicationRow:
        row = await self._repository(session).of_connection(connection, lock=True)
        if row is None:
            raise NotFound("This is no organisation's connection.")
        if row.state == ApplicationState.INVITED:
            row.move(ApplicationState.CONNECTED)
        return row

    # Decide

    async def code(self, row: ApplicationRow) -> str | None:
        """What the organisation must read out; None until it is connected."""
        try:
            return comparison_code(await self.connections.dids(ConnectionId(row.connection)))
        except (Conflict, NotFound):
            return None

    async def called_back(self, application: str, call: CallBack, *, by: Actor) -> ApplicationRow:
        """Record how it was checked that the organisation itself applies.

        Raises `Refused` with code `wrong_code` when the code that was read out is another one.
        """
        async with self.audit.recording("call organisation back", actor=by.id, subject=application):
            expected = await self.code(await self.get(application))
            if expected is None or not hmac.compare_digest(expected, "".join(call.code.split())):
                sentence = "This is not the connection's code: somebody may stand between the two agents."
                raise Refused(sentence, (Refusal("wrong_code", sentence),), code="wrong_code")
            async with self._unit() as session:
                row = await self._repository(session).get(application, lock=True)
                if row.state != ApplicationState.RECEIVED:
                    raise Conflict("There is nothing to check.", code=f"application_{row.state}")
                row.call_back = {
                    "number": call.number,
                    "number_from": call.number_from,
                    "spoke_to": call.spoke_to,
                    "confirmed": call.confirmed,
                    "by": by.id,
                    "at": self.clock().isoformat(),
                }
                # Who answered stands in the application, which is erased in time.
                kept = {name: said for name, said in row.call_back.items() if name != "spoke_to"}
                await self.evidence.keep("call back", row.id, kept)
        return row

    async def approve(self, application: str, *, by: Actor) -> ApplicationRow:
        """Make the organisation a registered data controller. Raises `PolicyRefused`."""

        def judge(row: ApplicationRow) -> None:
            if row.application is None:
                raise Conflict("Nobody has applied yet.", code=f"application_{row.state}")
            APPROVAL.require(Candidate(row.ods_code, row.application, row.call_back))

        return await self._decide(
            "approve organisation", application, ApplicationState.APPROVED, judge=judge, reason=None, by=by
        )

    async def decline(self, application: str, reason: str, *, by: Actor) -> ApplicationRow:
        """Decline, and say why; the organisation may mend it and apply again."""
        return await self._decide(
            "decline organisation", application, ApplicationState.DECLINED, reason=reason, by=by
        )

    async def close(self, application: str, reason: str, *, by: Actor) -> ApplicationRow:
        """End an application for good, over whose connection somebody else may sit; invite anew after it.

        Raises `Conflict` for one that was approved: that is suspended, or succeeded.
        """
        row = await self._decide(
            "close application", application, ApplicationState.CLOSED, reason=reason, by=by
        )
        await self.connections.end(ConnectionId(row.connection))
        return row

    async def suspend(self, application: str, reason: str, *, by: Actor) -> ApplicationRow:
        """Let the organisation issue nothing, and nothing that it issued count, until it is restored."""
        return await self._decide(
            "suspend organisation",
            application,
            ApplicationState.SUSPENDED,
            reason=reason,
            by=by,
            listed=self.trust.suspended,
        )

    async def ask_to_restore(self, application: str, *, by: Actor) -> ApplicationRow:
        """Ask for an organisation that is suspended to be restored; another person has to agree."""
        async with self.audit.kept_with(
            self._unit(), "ask to restore organisation", actor=by.id, subject=application
        ) as session:
            row = await self._repository(session).get(application, lock=True)
            if row.state != ApplicationState.SUSPENDED:
                raise Conflict("The organisation is not suspended.", code=f"application_{row.state}")
            row.restore_asked_by, row.restore_asked_at = by.id, self.clock()
            row.restore_asked_by_person = by.person
        return row

    async def restore(self, application: str, *, by: Actor) -> ApplicationRow:
        """Restore what another person asked for. Raises `PolicyRefused` for one's own request."""
        row = await self.get(application)
        asked_by = await self.users.asker(row.restore_asked_by, row.restore_asked_by_person)

        def judge(now: ApplicationRow) -> None:
            if asked_by is None or now.restore_asked_by != asked_by.user:
                raise Conflict("Nobody has asked for this.", code="nobody_asked")
            SECOND_PERSON.require(Agreement(asked_by, by))
            now.succession = None

        return await self._decide(
            "restore organisation",
            application,
            ApplicationState.APPROVED,
            judge=judge,
            reason=None,
            by=by,
            listed=self.trust.restored,
        )

    async def succeed(self, application: str, succession: Succession, *, by: Actor) -> ApplicationRow:
        """Record that another organisation takes this one's place, and what becomes of its credentials.

        Raises `InvalidInput` for dates in the wrong order, `Conflict` unless the successor is approved.
        """
        today = london_day(self.clock())
        if not today <= succession.on <= succession.credentials_until <= today + FURTHEST_AHEAD:
            raise InvalidInput(
                "The dates are not in order.",
                fields={
                    "credentials_until": "is not before `on`, which is not before today; within two years"
                },
            )
        await self._require_approved(succession.successor, other_than=application)
        told = {
            "successor": succession.successor,
            "on": succession.on.isoformat(),
            "credentials_until": succession.credentials_until.isoformat(),
        }

        def take_over(row: ApplicationRow) -> None:
            recorded = read_succession(row.succession)
            if recorded is not None and recorded.on <= today:
                raise Conflict(
                    "The organisation was succeeded already, so that this cannot be changed.",
                    code="application_succeeded",
                )
            if row.state == ApplicationState.SUSPENDED and succession.on != today:
                raise Conflict(
                    "A suspended organisation is succeeded at once, or restored by two people first.",
                    code="application_suspended",
                )
            row.succession = told

        return await self._decide(
            "succeed organisation",
            application,
            ApplicationState.SUCCEEDED,
            judge=take_over,
            reason=None,
            by=by,
            listed=lambda ods_code: self.trust.succeeded(ods_code, succession),
        )

    async def _require_approved(self, successor: OdsCode, *, other_than: str) -> None:
        async with self._unit() as session:
            for row in await self._repository(session).page(
                state=ApplicationState.APPROVED, after=None, limit=10_000
            ):
                if row.ods_code == successor and row.id != other_than:
                    return
        raise Conflict("The successor is not an approved organisation.", code="successor_not_approved")

    async def _decide(
        self,
        action: str,
        application: str,
        to: ApplicationState,
        *,
        reason: str | None,
        by: Actor,
        judge: _Judge | None = None,
        listed: _Listed | None = None,
    ) -> ApplicationRow:
        """Decide under the row's lock, state it, and tell the organisation, which asks again if need be.

        How it stands in the trust list then is decided with it, or nothing is.
        """
        async with self.audit.kept_with(self._unit(), action, actor=by.id, subject=application) as session:
            row = await self._repository(session).get(application, lock=True)
            if judge is not None:
                judge(row)
            row.move(to)
            row.reason, row.decided_by, row.decided_at = reason, by.id, self.clock()
            row.restore_asked_by = row.restore_asked_by_person = row.restore_asked_at = None
            row.status_version += 1
            row.status = await self.statements.state(STATUS_STATEMENT, _status(row))
            await self.evidence.keep("status", row.id, row.status)
            if listed is not None:
                await listed(OdsCode(row.ods_code))
        await self.trust.publish_standing()
        with suppress(Conflict):
            await self.link.send(ConnectionId(row.connection), STATUS, _told(row))
        return row

    def _unit(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.store.joined(self.organisation.ods_code)

    def _repository(self, session: AsyncSession) -> ApplicationRepository:
        return ApplicationRepository(session, self.organisation.ods_code)


def _require_registered(row: ApplicationRow) -> None:
    if row.state not in {ApplicationState.APPROVED, ApplicationState.SUSPENDED}:
        raise Conflict("This organisation is not approved.", code=f"application_{row.state}")


def _status(row: ApplicationRow) -> dict[str, Any]:
    """What is stated: enough to stand alone as evidence, and nothing of who was called."""
    return {
        "application": (row.application or {}).get("id"),
        "ods_code": row.ods_code,
        "name": (row.application or {}).get("details", {}).get("name"),
        "state": _TOLD_AS[ApplicationState(row.state)],
        "version": row.status_version,
        "reason": row.reason,
        "succession": row.succession,
        "called_back": row.call_back is not None,
    }


def _told(row: ApplicationRow) -> dict[str, Any]:
    return {"statement": row.status, "trust_request_taken": row.trust_request is not None}
