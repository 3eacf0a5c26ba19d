"""Use cases around the organisation's own registration, from the first word to good standing."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from agent.audit.evidence import Evidence
from agent.domain.actors import Actor, Role
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.credentials import CredentialType
from agent.domain.errors import Conflict, InvalidInput, NotFound, Refusal, StaffPassportError
from agent.domain.ports.audit import Audit, AuditOutcome
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.identity import OrganisationIdentity, Statement, StatementSigner, StatementVerifier
from agent.domain.ports.operator import OperatorLink
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.ports.trust import TrustList
from agent.domain.registration import (
    EDITABLE,
    Capacity,
    Contact,
    Details,
    Nomination,
    Region,
    RegistrationState,
    read_succession,
)
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.organisation.notifications import NotificationKind, Notifications
from agent.organisation.people.records import PeopleRepository, PersonRow, PersonStatus
from agent.organisation.people.service import People
from agent.organisation.registration.policy import ACTIVATION, ALL_DONE, STANDING, SUBMISSION, Progress
from agent.organisation.registration.records import RegistrationRepository, RegistrationRow
from agent.organisation.terms import Terms, TermsKind, TermsState
from agent.registration_protocol import (
    APPLICATION,
    ENQUIRY,
    STATUS_STATEMENT,
    TRUST_REQUEST,
    TRUST_STATEMENT,
)
from agent.store.engine import Store

OPERATOR = "operator"
"""The actor for what the operator decides about us."""
AUTHORITY = "give standing authority for automatic changes"
"""What activation gives, once: from then on changes in ESR act by it, with nobody at the keyboard."""


@dataclass(frozen=True, slots=True)
class Purposes:
    """What this organisation is registered for: what it would issue and ask for."""

    may_issue: tuple[CredentialType, ...]
    may_ask: tuple[CredentialType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(OrganisationStanding):
    """One organisation's registration. The operator decides over it; the steps between are ours."""

    store: Store
    organisation: Organisation
    audit: Audit
    evidence: Evidence
    people: People
    terms: Terms
    notifications: Notifications
    link: OperatorLink
    identity: OrganisationIdentity
    statements: StatementSigner
    verifier: StatementVerifier
    trust: TrustList
    purposes: Purposes
    has_staff_records: bool
    is_operator: bool
    clock: Clock = utc_now

    # Where it stands

    async def get(self) -> RegistrationRow:
        """The registration as it is now."""
        async with self._unit() as session:
            return await self._repository(session).get()

    async def code(self, row: RegistrationRow) -> str | None:
        """What to read out when the operator calls back."""
        return None if row.connection is None else await self.link.code(ConnectionId(row.connection))

    async def progress(self) -> Progress:
        """How far the organisation has come."""
        row = await self.get()
        return await self._progress(row, connected=await self.code(row) is not None)

    async def missing(self) -> tuple[Refusal, ...]:
        """Every step that is left, and who can take it."""
        return ALL_DONE.refusals(await self.progress())

    async def require(self, use: Use) -> None:
        async with self._unit() as session:
            row = await self._repository(session).get()
            terms = await self.terms.state()
        STANDING[use].require(self._judged(row, terms, registrant=None, administrators=(), connected=True))

    async def require_active(self) -> None:
        """Raise `PolicyRefused` naming every step that is left before the organisation may publish.

        The operator, who registers everybody else, is registered by nobody.
        """
        if not self.is_operator:
            ALL_DONE.require(await self.progress())

    async def credentials_until(self) -> date | None:
        row = await self.get()
        succession = row.told_succession
        if row.state != RegistrationState.SUCCEEDED or succession is None:
            return None
        return succession.credentials_until

    async def _progress(self, row: RegistrationRow, *, connected: bool) -> Progress:
        async with self._unit() as session:
            people = PeopleRepository(session, self.organisation.ods_code)
            administrators = await people.in_role(Role.ADMINISTRATOR)
            registrant = None if row.registrant is None else await people.get(row.registrant)
            terms = await self.terms.state()
        return self._judged(
            row, terms, registrant=registrant, administrators=tuple(administrators), connected=connected
        )

    def _judged(
        self,
        row: RegistrationRow,
        terms: Mapping[TermsKind, TermsState],
        *,
        registrant: PersonRow | None,
        administrators: tuple[PersonRow, ...],
        connected: bool,
    ) -> Progress:
        email = registrant.email if registrant is not None else None
        nominated = {PersonStatus.INVITED, PersonStatus.ACTIVE}
        return Progress(
            details=_details(row.details),
            registrant_email=email,
            capacity=Capacity(row.capacity) if row.capacity else None,
            nomination=_nomination(row.nomination),
            email_proven=row.email_proven_at is not None and row.proven_email == email,
            connected=connected,
            state=RegistrationState(row.state),
            reason=row.reason,
            succession=row.told_succession,
            terms_hold=frozenset(kind for kind, state in terms.items() if state.holds),
            administrators_nominated=sum(each.status in nominated for each in administrators),
            administrators_signed_in=sum(each.status == PersonStatus.ACTIVE for each in administrators),
            activated=row.activated_at is not None,
            has_staff_records=self.has_staff_records,
            on=london_day(self.clock()),
        )

    # Say who we are

    async def describe(
        self, details: Details, capacity: Capacity, nomination: Nomination | None, *, by: Actor
    ) -> RegistrationRow:
        """Say who the organisation is, and in what capacity `by` says so.

        Raises `InvalidInput` for another organisation than this agent speaks for, `Conflict` once submitted.
        """
        self._require_ours(details)
        async with self.audit.kept_with(
            self._unit(), "describe organisation", actor=by.id, subject=details.ods_code
        ) as session:
            row = await self._editable(session)
            row.details = _as_json(details)
            row.registrant, row.capacity = by.person, capacity
            row.nomination = None if nomination is None else _as_json(nomination)
        return row

    def _require_ours(self, details: Details) -> None:
        own = self.organisation
        wrong = {
            name: "is not what this agent speaks for"
            for name in ("ods_code", "vpd")
            if getattr(details, name) != getattr(own, name)
        }
        if wrong:
            raise InvalidInput("This agent speaks for another organisation.", fields=wrong)

    async def ask_for_proof(self, *, by: Actor) -> None:
        """Send the registrant a link that proves their address. Raises `Conflict` before there is one."""
        async with self.audit.kept_with(
            self._unit(), "prove e-mail address", actor=by.id, subject=by.person or by.id
        ) as session:
            row = await self._editable(session)
            if row.registrant is None:
                raise Conflict("Give the organisation's details first.", code="details_missing")
            registrant = await PeopleRepository(session, self.organisation.ods_code).get(row.registrant)
            await self.people.ask_for_proof(registrant, by=by)

    async def email_proven(self, token: str, *, by: Actor) -> RegistrationRow:
        """The link was opened. Raises `NotFound` for one that cannot be used."""
        async with self.audit.kept_with(
            self._unit(), "show e-mail address", actor=by.id, subject=by.person or by.id
        ) as session:
            person, email = await self.people.proven_by(token)
            row = await self._repository(session).get(lock=True)
            if person != row.registrant:
                raise NotFound("This link is of somebody else's address.", code="link_not_found")
            row.email_proven_at, row.proven_email = self.clock(), email
        return row

    async def connect(self, invitation: str, *, by: Actor) -> RegistrationRow:
        """Take up the operator's invitation, in place of any earlier one.

        What was submitted and not decided yet is a draft again: the operator may have ended its connection.
        """
        async with self.audit.recording("connect to operator", actor=by.id, subject=OPERATOR):
            async with self._unit() as session:
                await self._undecided(session)
            connection = await self.link.take_up(invitation)
            async with self._unit() as session:
                row = await self._undecided(session)
                if row.state == RegistrationState.SUBMITTED:
                    row.move(RegistrationState.DRAFT)
                row.connection = connection
        return row

    async def submit(self, *, by: Actor) -> RegistrationRow:
        """Send all of it to the operator. Raises `PolicyRefused` naming everything that is missing."""
        async with self.audit.recording("submit registration", actor=by.id, subject=OPERATOR):
            SUBMISSION.require(await self.progress())
            async with self._unit() as session:
                row = await self._repository(session).get(lock=True)
                row.move(RegistrationState.SUBMITTED)
                row.id, row.submitted_at, row.reason = str(uuid4()), self.clock(), None
        await self._speak(row)
        return row

    # What the operator says

    async def repeat_to_operator(self) -> None:
        """Tell the operator again what it has not answered."""
        row = await self.get()
        if row.awaits_answer:
            await self._speak(row)

    async def ask_operator(self) -> None:
        """Ask how we stand, in case the operator said so and it was lost."""
        row = await self.get()
        if row.connection is not None and row.submitted_at is not None and not row.awaits_answer:
            with suppress(Conflict):
                await self.link.send(ConnectionId(row.connection), ENQUIRY, {})

    async def _speak(self, row: RegistrationRow) -> None:
        """Send whatever the operator has not answered; what is lost is sent again by the next round."""
        connection = ConnectionId(str(row.connection))
        with suppress(Conflict):
            if row.state == RegistrationState.SUBMITTED:
                await self.link.send(connection, APPLICATION, await self._application(row))
            elif row.trust_request is not None and row.trust_request_taken_at is None:
                await self.link.send(connection, TRUST_REQUEST, {"statement": row.trust_request})

    async def _application(self, row: RegistrationRow) -> dict[str, Any]:
        registrant = await self.people.get(str(row.registrant))
        who = {"name": registrant.name, "email": row.proven_email, "capacity": row.capacity}
        content = {
            "id": row.id,
            "details": row.details,
            "registrant": {**who, "nomination": row.nomination},
            "email_proven_at": _text(row.email_proven_at),
            "submitted_at": _text(row.submitted_at),
        }
        return {"application": content}

    async def status_came(self, connection: ConnectionId, told: Mapping[str, Any]) -> None:
        """The operator stated how we stand. Only what its DID signed, about us, and newest, counts.

        Raises `NotFound` when it did not come over the connection to the operator.
        """
        row = await self.get()
        if row.connection != connection:
            raise NotFound("This is not the connection to the operator.")
        if told.get("trust_request_taken") is True and row.trust_request_taken_at is None:
            await self._trust_request_taken()
        if told.get("statement") is not None:
            await self._stated(await self._verified(told["statement"]), told["statement"])

    async def _verified(self, statement: object) -> Statement:
        verified = await self.verifier.verified(statement, STATUS_STATEMENT)
        if verified.issuer != await self.trust.operator():
            raise InvalidInput("The status is stated by somebody who is not the operator.")
        return verified

    async def _stated(self, status: Statement, signed: Mapping[str, Any]) -> None:
        said = _said(status.content)
        async with self._unit() as session:
            row = await self._repository(session).get(lock=True)
            is_news = said.ods_code == self.organisation.ods_code and said.version > row.status_version
            if not is_news or said.application != row.id:
                return
            intent = await self.audit.intend_within(
                f"registration {said.state}", actor=OPERATOR, subject=self.organisation.ods_code
            )
            row.state, row.status_version, row.status = said.state, said.version, dict(signed)
            row.reason, row.status_at, row.succession = said.reason, status.issued, said.succession
            await self.evidence.keep("operator's status", self.organisation.ods_code, signed)
            await self.audit.conclude(intent, AuditOutcome.DONE)
            if row.registrant is not None:
                await self.notifications.ask(NotificationKind.REGISTRATION, row.registrant)

    async def _trust_request_taken(self) -> None:
        async with self._unit() as session:
            row = await self._repository(session).get(lock=True)
            row.trust_request_taken_at = row.trust_request_taken_at or self.clock()

    # Begin to act

    async def activate(self, *, by: Actor) -> RegistrationRow:
        """Activate the ESR link, make the DID, and ask for the trust list's entry; again does no harm.

        From here on automatic changes act under the authority that `by` gives with this.
        Raises `PolicyRefused` naming every step that is left, `Unavailable` when the registry is down.
        """
        own = self.organisation.ods_code
        async with self.audit.recording("activate organisation", actor=by.id, subject=own):
            ACTIVATION.require(await self.progress())
            async with self.audit.recording("publish organisation DID", actor=by.id, subject=own):
                did = await self.identity.ensure()
            request = await self.statements.state(TRUST_STATEMENT, self._trust_content(did))
            async with self._unit() as session:
                row = await self._repository(session).get(lock=True)
                if row.activated_at is None:
                    await self.audit.note(AUTHORITY, actor=by.id, subject=own, outcome=AuditOutcome.DONE)
                row.activated_by, row.activated_at = (
                    row.activated_by or by.id,
                    row.activated_at or self.clock(),
                )
                if row.trust_request is None:
                    row.trust_request, row.trust_requested_at = request, self.clock()
        await self._speak(row)
        return row

    def _trust_content(self, did: str) -> dict[str, Any]:
        own = self.organisation
        return {
            "ods_code": own.ods_code,
            "name": own.name,
            "did": did,
            "may_issue": list(self.purposes.may_issue),
            "may_ask": list(self.purposes.may_ask),
        }

    def _unit(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.store.joined(self.organisation.ods_code)

    def _repository(self, session: AsyncSession) -> RegistrationRepository:
        return RegistrationRepository(session, self.organisation.ods_code)

    async def _editable(self, session: AsyncSession) -> RegistrationRow:
        return await self._in(EDITABLE, session)

    async def _undecided(self, session: AsyncSession) -> RegistrationRow:
        return await self._in(EDITABLE | {RegistrationState.SUBMITTED}, session)

    async def _in(self, states: AbstractSet[RegistrationState], session: AsyncSession) -> RegistrationRow:
        row = await self._repository(session).get(lock=True)
        if RegistrationState(row.state) not in states:
            raise Conflict(
                f"The registration is {row.state}: nothing can be changed.", code=f"registration_{row.state}"
            )
        return row


@dataclass(frozen=True, slots=True)
class _Said:
    """What a status of the operator says."""

    ods_code: OdsCode
    application: str
    version: int
    state: RegistrationState
    reason: str | None
    succession: dict[str, Any] | None


def _said(content: Mapping[str, Any]) -> _Said:
    try:
        succession = content["succession"]
        read_succession(succession)
        return _Said(
            OdsCode(content["ods_code"]),
            str(content["application"]),
            int(content["version"]),
            RegistrationState(content["state"]),
            content["reason"],
            succession,
        )
    except (KeyError, TypeError, ValueError, StaffPassportError) as error:
        raise InvalidInput("The status does not say what a status says.") from error


def _details(told: dict[str, Any] | None) -> Details | None:
    if told is None:
        return None
    return Details(
        OdsCode(told["ods_code"]),
        told["name"],
        Vpd(told["vpd"]) if told["vpd"] else None,
        Region(told["region"]),
        tuple(told["email_domains"]),
        Contact(**told["contact"]),
    )


def _nomination(told: dict[str, Any] | None) -> Nomination | None:
    if told is None:
        return None
    return Nomination(**{**told, "nominated_on": date.fromisoformat(told["nominated_on"])})


def _as_json(value: Details | Nomination) -> dict[str, Any]:
    told = asdict(value)
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in told.items()}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
