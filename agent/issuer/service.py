"""The main use case: to attest a person's employment, and to take it back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agent.domain.actors import Actor, Permission
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.credentials import (
    ENDED_STATES,
    PASSPORT_TYPES,
    Claims,
    CredentialExchangeId,
    CredentialFormat,
    CredentialState,
    CredentialType,
    RejectionReason,
    RevocationReason,
    W3cDataModel,
)
from agent.domain.errors import (
    Conflict,
    NotFound,
    NotPermitted,
    Refused,
    StaffPassportError,
    Unavailable,
)
from agent.domain.passport import ENDED, MAY_BE_OFFERED, PassportState
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, outcome_of
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.exchanges import (
    CannotBeSigned,
    CredentialExchanges,
    CredentialOffer,
    Exchange,
    ExchangeState,
    StatusEntry,
)
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.ports.standing import OrganisationStanding, Use
from agent.domain.ports.status_lists import StatusListPublisher, StatusPosition, StatusPurpose
from agent.domain.ports.tasks import NewTask, TaskKind, Tasks
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, Organisation, StaffRecord
from agent.issuer.claims import attestable
from agent.issuer.policy import (
    BINDING,
    IN_TIME,
    ISSUANCE,
    SAME_RECORD,
    Acceptance,
    Binding,
    IssuanceRequest,
    Reissue,
)
from agent.issuer.records import (
    POSITION_USED_ONCE,
    CredentialRepository,
    CredentialRow,
    PassportRepository,
    PassportRow,
)
from agent.issuer.status_lists import StatusListKeeping
from agent.store.engine import Store

SYSTEM = "system:issuer"
"""The actor for what follows from an earlier act of a person, by rule."""
HOLDER = "holder"
UNANSWERED = frozenset({CredentialState.OFFERING, CredentialState.PENDING})
TAKEN_BACK = frozenset({CredentialState.WITHDRAWN, CredentialState.FAILED})
TO_BE_LOOKED_AT = frozenset(RejectionReason) - {RejectionReason.NO_LONGER_WANTED}
"""A person who declines for any of these may be saying that their record is wrong."""
REVOCABLE = frozenset({CredentialState.ISSUED, CredentialState.ACTIVE, CredentialState.REVOKING})


@dataclass(frozen=True, slots=True)
class OfferedForm:
    """What one wallet is offered: which formats, which data model in W3C's, and issued when."""

    formats: frozenset[CredentialFormat]
    data_model: W3cDataModel
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class _Begun:
    """A credential that is about to be offered, and the intent to do so."""

    row: CredentialRow
    intent: Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentIssuance:
    """Offers, issues and revokes one employing authority's credentials."""

    store: Store
    organisation: Organisation
    audit: Audit
    exchanges: CredentialExchanges
    connections: Connections
    status_lists: StatusListKeeping
    status_publisher: StatusListPublisher
    formats: frozenset[CredentialFormat]
    w3c_data_model: W3cDataModel
    staff_records: StaffRecords
    users: NominatedUsers
    standing: OrganisationStanding
    tasks: Tasks
    identity: OrganisationIdentity
    trust: TrustList
    clock: Clock = utc_now

    # Offer

    async def offer(self, passport: str, *, by: Actor) -> Sequence[CredentialRow]:
        """Offer the holder of `passport` every credential that it does not have yet, on `by`'s word.

        Raises `Conflict` unless the connection was confirmed, `Refused` naming every rule that is broken.
        """
        row = await self._confirmed_passport(passport)
        await self.standing.require(Use.ISSUING)
        record = await self._record(row, by)
        ISSUANCE.require(await self._request(record, PASSPORT_TYPES))
        form = await self._form_for(row, self.clock())
        claims = {each: self._claims(each, record, passport, form.issued_at) for each in PASSPORT_TYPES}
        await self._send_offers(row, await self._begin(row, by), claims, form)
        return await self.credentials(passport)

    async def credentials(self, passport: str) -> Sequence[CredentialRow]:
        """All credentials of a passport, oldest first."""
        async with self.store.unit(self.organisation.ods_code) as session:
            return await CredentialRepository(session, self.organisation.ods_code).of_passport(passport)

    async def page(
        self,
        passport: str,
        *,
        state: CredentialState | None,
        kind: CredentialType | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[CredentialRow]:
        """Up to `limit` of them."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            return await repository.page(passport, state=state, kind=kind, after=after, limit=limit)

    async def _form_for(self, passport: PassportRow, issued_at: datetime) -> OfferedForm:
        """AnonCreds, which any wallet can bind to its holder; W3C too for one that says it can."""
        if CredentialFormat.W3C not in self.formats:
            return OfferedForm(self.formats, self.w3c_data_model, issued_at)
        taken = await self.connections.w3c_data_models(ConnectionId(passport.connection))
        if self.w3c_data_model in taken:
            return OfferedForm(self.formats, self.w3c_data_model, issued_at)
        formats = self.formats if W3cDataModel.V1_1 in taken else frozenset({CredentialFormat.ANONCREDS})
        return OfferedForm(formats, W3cDataModel.V1_1, issued_at)

    async def _begin(self, passport: PassportRow, by: Actor) -> Sequence[_Begun]:
        """Keep a credential of every type that the passport lacks, with the intent to offer it.

        Recorded before anything is sent: an offer that nobody can account for must not exist. And under the
        passport's lock, which a deactivation holds too.
        """
        while True:
            try:
                async with self.store.unit(self.organisation.ods_code) as session:
                    passports = PassportRepository(session, self.organisation.ods_code)
                    require_open(await passports.get(passport.id, lock=True))
                    rows = await self._new_credentials(session, passport, by)
                    intents = [
                        await self.audit.intend_within(
                            f"offer {row.type} credential", actor=by.id, subject=passport.id
                        )
                        for row in rows
                    ]
            except IntegrityError as error:
                if POSITION_USED_ONCE not in str(error.orig):
                    raise
                continue  # another credential was first at one of these places: try others
            return [_Begun(*each) for each in zip(rows, intents, strict=True)]

    async def _new_credentials(
        self, session: AsyncSession, passport: PassportRow, by: Actor
    ) -> Sequence[CredentialRow]:
        repository = CredentialRepository(session, self.organisation.ods_code)
        missing = _missing_types(await repository.of_passport(passport.id))
        places = await self.status_lists.positions(session, len(missing))
        rows = [
            self._new_credential(passport, kind, place, by)
            for kind, place in zip(missing, places, strict=True)
        ]
        for row in rows:
            repository.add(row)
        await session.flush()
        return rows

    async def _send_offers(
        self,
        passport: PassportRow,
        begun: Sequence[_Begun],
        claims: Mapping[CredentialType, Claims],
        form: OfferedForm,
    ) -> None:
        """Send one after the other; when something does not answer, nobody gets those that are left."""
        sent, failure = list[_Begun](), None
        for each in begun:
            try:
                await self._send_offer(passport, each.row, claims[each.row.credential_type], form)
            except StaffPassportError as error:
                failure = error
                break
            sent.append(each)
        await self._conclude_offers(sent, begun[len(sent) :], failure)
        if failure is not None:
            raise failure

    async def _send_offer(
        self, passport: PassportRow, row: CredentialRow, claims: Claims, form: OfferedForm
    ) -> None:
        await self.status_lists.have_published(row.position.number)
        status = await self.status_publisher.entries(row.position)
        offer = CredentialOffer(
            row.credential_type, claims, status, form.formats, form.data_model, form.issued_at
        )
        await self.exchanges.offer(CredentialExchangeId(row.id), ConnectionId(passport.connection), offer)

    async def _conclude_offers(
        self, sent: Sequence[_Begun], unsent: Sequence[_Begun], failure: StaffPassportError | None
    ) -> None:
        code = failure.code if failure else None
        async with self.store.unit(self.organisation.ods_code):
            standing = {row.id for row in await self.stands(*(each.row for each in sent))}
            for each in unsent:
                awaited = {CredentialState.OFFERING}
                await self._move(each.row.id, awaited, CredentialState.FAILED, reason=code)
            # Rows first, the audit chain last: no two units wait for each other.
            for each in sent:
                await self.audit.conclude(each.intent, AuditOutcome.DONE)
            for each in unsent:
                await self.audit.conclude(each.intent, _outcome(failure), code=code)
        for each in sent:
            if each.row.id not in standing:  # it was taken back while it was on its way
                await self.exchanges.withdraw(CredentialExchangeId(each.row.id), "withdrawn")

    async def stands(self, *offered: CredentialRow) -> Sequence[CredentialRow]:
        """Offers of one passport were made: now the holder has to answer, unless they already did.

        Those that nobody took back meanwhile.
        """
        if not offered:
            return ()
        async with self.store.joined(self.organisation.ods_code) as session:
            passports = PassportRepository(session, self.organisation.ods_code)
            passport = await passports.get(offered[0].passport, lock=True)
            credentials = CredentialRepository(session, self.organisation.ods_code)
            now = [
                await self._move(row.id, {CredentialState.OFFERING}, CredentialState.PENDING)
                or await credentials.get(row.id)
                for row in offered
            ]
            standing = [row for row in now if row.state not in TAKEN_BACK]
            if standing and passport.state == PassportState.CONFIRMED:
                passport.move(PassportState.OFFERED, at=self.clock())
        return standing

    async def _confirmed_passport(self, passport: str) -> PassportRow:
        row = await self._passport(passport)
        require_open(row)
        return row

    async def _passport(self, passport: str) -> PassportRow:
        async with self.store.unit(self.organisation.ods_code) as session:
            return await PassportRepository(session, self.organisation.ods_code).get(passport)

    # Issue

    async def issue(self, exchange: CredentialExchangeId) -> None:
        """The holder accepted: judge again against the staff record as it is now, then sign and send.

        When something does not answer, the credential waits, and is judged again by reconciliation. A wallet
        that asks again for what was signed is sent it again.
        """
        begun = await self._begin_issuing(exchange) or await self._begin_early(exchange)
        if begun is None:
            await self._send_what_was_signed(exchange)
            return
        credential, passport = begun
        try:
            judged = await self._judge_again(credential, passport)
            intent = await self._intend_to_issue(credential, judged)
        except Unavailable:
            await self._move(exchange, {CredentialState.ISSUING}, CredentialState.PENDING)
            raise
        except (Refused, NotPermitted, NotFound, Conflict) as error:
            await self._withdraw(credential, codes(error), from_={CredentialState.ISSUING})
            return
        except Exception:  # nobody foresaw it, and it would come again: nothing is left half done
            await self._withdraw(credential, "judging_failed", from_={CredentialState.ISSUING})
            raise
        await self._sign_and_send(credential, judged.subject, intent)

    async def _begin_issuing(
        self, exchange: CredentialExchangeId
    ) -> tuple[CredentialRow, PassportRow] | None:
        """The credential, which is ours to sign from now on; None when it does not wait for that."""
        async with self.store.unit(self.organisation.ods_code) as session:
            credential = await self._move(exchange, {CredentialState.PENDING}, CredentialState.ISSUING)
            if credential is None:
                return None
            passports = PassportRepository(session, self.organisation.ods_code)
            return credential, await passports.get(credential.passport)

    async def _begin_early(self, exchange: CredentialExchangeId) -> tuple[CredentialRow, PassportRow] | None:
        """The holder was faster than we are to keep that the offer was sent. They have it, so it stands."""
        credential = await self._find(exchange)
        if credential is None or credential.state != CredentialState.OFFERING:
            return None
        await self.stands(credential)
        return await self._begin_issuing(exchange)

    async def _send_what_was_signed(self, exchange: CredentialExchangeId) -> None:
        credential = await self._find(exchange)
        if credential is not None and credential.state == CredentialState.ISSUED:
            await self.exchanges.send(exchange)

    async def _judge_again(self, credential: CredentialRow, passport: PassportRow) -> Exchange:
        """What the wallet asked for, which may be signed if it is for the passport's holder.

        Raises when the person who offered may not any more, or what was offered is not true any more.
        """
        at = self.clock()
        now = await self.judged_claims(passport, credential.credential_type, credential.offered_by, at=at)
        if credential.expires_at is not None:
            held = credential.credential_type in held_of(await self.credentials(passport.id))
            IN_TIME.require(Acceptance(credential.expires_at, at, held))
        exchange = await self.exchanges.look_up(CredentialExchangeId(credential.id))
        if exchange.offered is None:
            raise NotFound("There is no such offer.")
        SAME_RECORD.require(Reissue(exchange.offered, now))
        return exchange

    async def judged_claims(
        self, passport: PassportRow, credential: CredentialType, offered_by: str, *, at: datetime
    ) -> Claims:
        """What may be said at `at`, on the word of who offered it.

        Raises `NotPermitted` when they may not offer any more, `Refused` naming every rule that is broken.
        """
        require_open(passport)
        await self.standing.require(Use.ISSUING)
        by = await self.users.actor(offered_by)
        if not by.may(Permission.CREDENTIAL_OFFER):
            raise NotPermitted("Who offered this may not offer credentials any more.")
        record = await self._record(passport, by)
        ISSUANCE.require(await self._request(record, (credential,)))
        return self._claims(credential, record, passport.id, at)

    async def _intend_to_issue(self, credential: CredentialRow, judged: Exchange) -> Intent:
        """Hold the wallet to the first DID that it named: one passport is one person's.

        Raises `Refused` for another DID, and for a W3C credential that would be bound to nobody.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            if CredentialFormat.W3C in judged.requested:
                passports = PassportRepository(session, self.organisation.ods_code)
                passport = await passports.get(credential.passport, lock=True)
                BINDING.require(Binding(judged.as_offered, judged.subject, passport.subject_did))
                passport.subject_did = judged.subject
            action = f"issue {credential.type} credential"
            return await self.audit.intend_within(action, actor=credential.offered_by, subject=credential.id)

    async def _sign_and_send(self, credential: CredentialRow, subject: str | None, intent: Intent) -> None:
        exchange = CredentialExchangeId(credential.id)
        try:
            entry = await self.exchanges.sign(exchange, subject=subject)
        except CannotBeSigned as error:
            await self.audit.conclude(intent, AuditOutcome.FAILED, code=error.code)
            await self._withdraw(credential, error.code, from_={CredentialState.ISSUING})
            return
        except StaffPassportError as error:
            async with self.store.unit(self.organisation.ods_code):
                await self._move(exchange, {CredentialState.ISSUING}, CredentialState.PENDING)
                await self.audit.conclude(intent, outcome_of(error), code=error.code)
            raise
        if await self._still_wanted(credential, entry, intent):
            await self.exchanges.send(exchange)

    async def _still_wanted(
        self, credential: CredentialRow, entry: StatusEntry | None, intent: Intent
    ) -> bool:
        """Keep what was signed, and whether it may be sent.

        Under the passport's lock, which a deactivation holds too: one that came while it was being signed
        makes it a credential to revoke, and nobody ever gets it.
        """
        async with self.store.unit(self.organisation.ods_code) as session:
            passports = PassportRepository(session, self.organisation.ods_code)
            passport = await passports.get(credential.passport, lock=True)
            wanted = passport.state in MAY_BE_OFFERED
            to = CredentialState.ISSUED if wanted else _unsent(credential)
            kept = await self._move(credential.id, {CredentialState.ISSUING}, to, entry=entry)
            if kept is not None and to == CredentialState.REVOKING:
                await self.status_lists.decided(session, StatusPurpose.REVOCATION, kept.position.number)
            outcome = AuditOutcome.DONE if wanted and kept is not None else AuditOutcome.FAILED
            code = None if wanted else f"passport_{passport.state}"
            await self.audit.conclude(intent, outcome, code=code)
        if not wanted:
            await self.finish_revoking(credential.id)
        return wanted and kept is not None

    async def acknowledged(self, exchange: CredentialExchangeId) -> None:
        """The wallet has the credential."""
        async with self.store.unit(self.organisation.ods_code) as session:
            try:
                credential = await CredentialRepository(session, self.organisation.ods_code).get(exchange)
            except NotFound:  # an exchange that is none of ours
                return
            passports = PassportRepository(session, self.organisation.ods_code)
            passport = await passports.get(credential.passport, lock=True)
            held = await self._move(exchange, {CredentialState.ISSUED}, CredentialState.ACTIVE)
            if held is not None and passport.state == PassportState.OFFERED:
                passport.move(PassportState.ACTIVE, at=self.clock())

    async def abandoned(self, exchange: CredentialExchangeId) -> None:
        """The wallet ended the exchange: the holder declined the offer, and may have said why."""
        reason, comment = rejection((await self.exchanges.look_up(exchange)).note)
        credential = await self._find(exchange)
        if credential is None or credential.state not in {CredentialState.OFFERING, CredentialState.PENDING}:
            return
        action = f"reject {credential.type} credential"
        intent = await self.audit.intend(action, actor=HOLDER, subject=credential.id)
        async with self.store.unit(self.organisation.ods_code):
            awaited = {CredentialState.OFFERING, CredentialState.PENDING}
            moved = await self._move(
                exchange, awaited, CredentialState.REJECTED, reason=reason, comment=comment
            )
            if moved is not None and reason in TO_BE_LOOKED_AT:
                await self._have_corrected(moved)
            await self.audit.conclude(intent, AuditOutcome.DECLINED, code=reason)

    async def _have_corrected(self, rejected: CredentialRow) -> None:
        """Have whoever made the passport look at what its holder said."""
        async with self.store.joined(self.organisation.ods_code) as session:
            passport = await PassportRepository(session, self.organisation.ods_code).get(rejected.passport)
        reason, comment = rejected.reason or "", rejected.comment
        about = NewTask(
            TaskKind.CORRECTION, passport.id, rejected.id, reason, comment, assignee=passport.created_by
        )
        await self.tasks.open(about)

    async def expire(self, exchange: CredentialExchangeId) -> None:
        """Take back an offer that was left unanswered for too long."""
        credential = await self._find(exchange)
        if credential is not None and credential.state == CredentialState.PENDING:
            await self._withdraw(credential, "no_answer")

    async def run_out(self, exchange: CredentialExchangeId) -> None:
        """A short-lived credential has ended by itself."""
        await self._move(exchange, {CredentialState.ISSUED, CredentialState.ACTIVE}, CredentialState.EXPIRED)

    async def settle_offer(self, credential: CredentialRow, *, sent: bool) -> None:
        """Close an offer that was cut short: it was made, and goes out (again), or it never was."""
        if not sent:
            await self._move(
                credential.id, {CredentialState.OFFERING}, CredentialState.FAILED, reason="interrupted"
            )
        elif await self.stands(credential):
            await self.exchanges.send(CredentialExchangeId(credential.id))

    async def send_again(self, credential: CredentialRow) -> None:
        """Repeat our last word on a credential, since the wallet does not answer."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            row = await repository.get(credential.id, lock=True)
            if row.changed_at != credential.changed_at:  # it answered meanwhile
                return
            row.sent_again += 1
        await self.exchanges.send(CredentialExchangeId(credential.id))

    async def resume(self, credential: CredentialRow) -> None:
        """Go on with a credential whose issuing was cut short; what is signed stays signed."""
        exchange = CredentialExchangeId(credential.id)
        found = await self.exchanges.look_up(exchange)
        if found.state in {ExchangeState.ISSUED, ExchangeState.DONE}:
            action = f"issue {credential.type} credential"
            intent = await self.audit.intend(action, actor=credential.offered_by, subject=credential.id)
            await self._sign_and_send(credential, found.subject, intent)
            return
        await self._move(exchange, {CredentialState.ISSUING}, CredentialState.PENDING)
        await self.issue(exchange)

    async def _withdraw(
        self,
        credential: CredentialRow,
        reason: str,
        *,
        by: str = SYSTEM,
        from_: set[CredentialState] | frozenset[CredentialState] = UNANSWERED,
    ) -> None:
        """Take an offer back. One that is being signed is taken back by whoever signs it, and nobody else."""
        exchange = CredentialExchangeId(credential.id)
        action = f"withdraw {credential.type} credential"
        intent = await self.audit.intend(action, actor=by, subject=credential.id)
        async with self.store.unit(self.organisation.ods_code):
            if await self._move(exchange, from_, CredentialState.WITHDRAWN, reason=reason) is None:
                await self.audit.conclude(intent, AuditOutcome.FAILED, code="moved_on")
                return
            await self.audit.conclude(intent, AuditOutcome.DONE, code=reason.split(",", maxsplit=1)[0])
        await self.exchanges.withdraw(exchange, reason.split(",", maxsplit=1)[0])

    # Revoke

    async def revoke(self, credential: str, reason: RevocationReason, *, by: Actor) -> CredentialRow:
        """Take a credential back; doing it again does no harm.

        Raises `Conflict` when nobody holds it, `Unavailable` when it could not be published yet: then it
        stays `revoking`, and reconciliation goes on with it.
        """
        row = await self._must_find(credential)
        if row.state == CredentialState.REVOKED:
            return row
        if row.state not in REVOCABLE:
            raise Conflict(
                f"The credential is {row.state}, so it cannot be revoked.", code=f"credential_{row.state}"
            )
        _require_status(row)
        intent = await self.audit.intend(f"revoke {row.type} credential", actor=by.id, subject=credential)
        async with self.store.unit(self.organisation.ods_code):
            await self._decide_to_revoke([credential], reason)
            await self.audit.conclude(intent, AuditOutcome.DONE, code=reason)
        await self.finish_revoking(credential, actor=by.id)
        return await self._must_find(credential)

    async def _decide_to_revoke(self, credentials: Iterable[str], reason: RevocationReason) -> None:
        """Revoke those that somebody holds, in the unit in hand; their lists are yet to say so."""
        async with self.store.joined(self.organisation.ods_code) as session:
            moved = [
                await self._move(each, REVOCABLE, CredentialState.REVOKING, reason=reason)
                for each in credentials
            ]
            for number in sorted({row.position.number for row in moved if row is not None}):
                await self.status_lists.decided(session, StatusPurpose.REVOCATION, number)

    async def finish_revoking(self, credential: str, *, actor: str = SYSTEM) -> None:
        """Publish a revocation that was decided."""
        row = await self._must_find(credential)
        if row.state != CredentialState.REVOKING:
            return
        action = f"publish revocation of {row.type} credential"
        intent = await self.audit.intend(action, actor=actor, subject=credential)
        try:
            if row.status_entry is not None:
                await self.exchanges.revoke(row.status_entry)
            await self.status_lists.publish(StatusPurpose.REVOCATION, row.position.number)
        except StaffPassportError as error:
            await self.audit.conclude(intent, outcome_of(error), code=error.code)
            raise
        async with self.store.unit(self.organisation.ods_code):
            await self._move(credential, {CredentialState.REVOKING}, CredentialState.REVOKED)
            await self.audit.conclude(intent, AuditOutcome.DONE, code=row.reason)

    # Suspend

    async def suspend(self, credential: str, *, by: Actor) -> CredentialRow:
        """Have a credential not count until it is reinstated; doing it again does no harm.

        Raises `Conflict` when nobody holds it, `Unavailable` when it could not be published yet: it is
        decided all the same, and a round goes on with it.
        """
        return await self._set_suspended(credential, to=True, by=by)

    async def reinstate(self, credential: str, *, by: Actor) -> CredentialRow:
        """Have a suspended credential count again. Raises as `suspend` does."""
        return await self._set_suspended(credential, to=False, by=by)

    async def _set_suspended(self, credential: str, *, to: bool, by: Actor) -> CredentialRow:
        row = await self._must_find(credential)
        if row.state not in {CredentialState.ISSUED, CredentialState.ACTIVE}:
            raise Conflict(f"The credential is {row.state}: nobody holds it.", code=f"credential_{row.state}")
        _require_status(row)
        verb = "suspend" if to else "reinstate"
        intent = await self.audit.intend(f"{verb} {row.type} credential", actor=by.id, subject=credential)
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            (await repository.get(credential, lock=True)).suspended = to
            await self.status_lists.decided(session, StatusPurpose.SUSPENSION, row.position.number)
            await self.audit.conclude(intent, AuditOutcome.DONE)
        await self.status_lists.publish(StatusPurpose.SUSPENSION, row.position.number)
        return await self._must_find(credential)

    async def deactivate(self, passport: str, reason: RevocationReason, *, by: Actor) -> PassportRow:
        """End the passport, revoke all that the holder has, and withdraw what they were offered.

        What is short-lived has no status to revoke: it is not renewed any more, and runs out.

        The passport ends first, under its lock, so that nothing is offered or sent for it any more. Raises
        `Unavailable` when a revocation could not be published yet: all of them are decided all the same.
        """
        return await self.end(passport, reason, actor=by.id)

    async def end(self, passport: str, reason: RevocationReason, *, actor: str = SYSTEM) -> PassportRow:
        """The same, by whoever decided it earlier, or by rule. What has ended wholly is left alone."""
        if await self._has_ended(passport):
            return await self._passport(passport)
        intent = await self.audit.intend("deactivate passport", actor=actor, subject=passport)
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await PassportRepository(session, self.organisation.ods_code).get(passport, lock=True)
            if row.state not in ENDED:
                row.move(_end_of(row), ended_for=reason, at=self.clock())
            held = await CredentialRepository(session, self.organisation.ods_code).of_passport(passport)
            revocable = [credential.id for credential in held if not credential.short_lived]
            await self._decide_to_revoke(revocable, reason)
            await self.audit.conclude(intent, AuditOutcome.DONE, code=reason)
        for credential in held:
            if credential.state in UNANSWERED:
                await self._withdraw(credential, reason, by=actor)
        for credential in held:
            await self.finish_revoking(credential.id, actor=actor)
        return row

    async def _has_ended(self, passport: str) -> bool:
        row, credentials = await self._passport(passport), await self.credentials(passport)
        at_rest = {*ENDED_STATES, CredentialState.EXPIRED}
        return row.state in ENDED and all(each.short_lived or each.state in at_rest for each in credentials)

    async def end_if_succeeded(self) -> None:
        """End every passport once the day is over to which a successor lets this organisation's count."""
        until = await self.standing.credentials_until()
        if until is None or self._today() <= until:
            return
        async with self.store.unit(self.organisation.ods_code) as session:
            left = await PassportRepository(session, self.organisation.ods_code).open()
        for passport in left:
            await self.end(passport, RevocationReason.ORGANISATION_SUCCEEDED)

    # What the use cases share

    async def _record(self, passport: PassportRow, by: Actor) -> StaffRecord:
        return await self.staff_records.record(
            EmployeeNumber(passport.employee_number), AssignmentNumber(passport.assignment_number), by=by
        )

    async def _request(self, record: StaffRecord, types: tuple[CredentialType, ...]) -> IssuanceRequest:
        return IssuanceRequest(record, types, await self._own_entry(), self.clock())

    async def _own_entry(self) -> TrustedOrganisation | None:
        did = await self.identity.did()
        return await self.trust.organisation(did) if did else None

    def _claims(self, credential: CredentialType, record: StaffRecord, passport: str, at: datetime) -> Claims:
        return attestable(credential, record, self.organisation, passport=passport, on=london_day(at))

    def _today(self) -> date:
        return london_day(self.clock())

    async def _find(self, credential: str) -> CredentialRow | None:
        try:
            return await self._must_find(credential)
        except NotFound:  # an exchange that is none of ours
            return None

    async def _must_find(self, credential: str) -> CredentialRow:
        async with self.store.unit(self.organisation.ods_code) as session:
            return await CredentialRepository(session, self.organisation.ods_code).get(credential)

    async def _move(
        self,
        credential: str,
        from_: set[CredentialState] | frozenset[CredentialState],
        to: CredentialState,
        *,
        reason: str | None = None,
        comment: str | None = None,
        entry: StatusEntry | None = None,
    ) -> CredentialRow | None:
        """The credential, moved; None when it is not in any of `from_`, or is none of ours."""
        async with self.store.joined(self.organisation.ods_code) as session:
            try:
                row = await CredentialRepository(session, self.organisation.ods_code).get(
                    credential, lock=True
                )
            except NotFound:
                return None
            if row.state not in from_:
                return None
            row.state, row.changed_at, row.sent_again = to, self.clock(), 0
            row.reason, row.comment = reason or row.reason, comment or row.comment
            if entry is not None:
                row.status_registry, row.status_index = entry.registry, entry.index
            return row

    def _new_credential(
        self, passport: PassportRow, credential: CredentialType, place: StatusPosition, by: Actor
    ) -> CredentialRow:
        now = self.clock()
        return CredentialRow(
            organisation=self.organisation.ods_code,
            id=str(uuid4()),
            passport=passport.id,
            type=credential,
            state=CredentialState.OFFERING,
            offered_by=by.id,
            offered_at=now,
            changed_at=now,
            list_number=place.number,
            list_index=place.index,
        )


def _missing_types(held: Iterable[CredentialRow]) -> list[CredentialType]:
    """What the passport lacks. Short-lived credentials stand beside those of HR, and are not counted."""
    live = {row.type for row in held if row.state not in ENDED_STATES and not row.short_lived}
    return [credential for credential in PASSPORT_TYPES if credential not in live]


def _outcome(failure: StaffPassportError | None) -> AuditOutcome:
    return AuditOutcome.DONE if failure is None else outcome_of(failure)


def _end_of(passport: PassportRow) -> PassportState:
    """How a passport ends: with a holder who was offered something, or as nothing."""
    was_offered = passport.state in {PassportState.OFFERED, PassportState.ACTIVE}
    return PassportState.DEACTIVATED if was_offered else PassportState.CLOSED


def held_of(credentials: Iterable[CredentialRow]) -> Mapping[CredentialType, CredentialRow]:
    """What the holder has on HR's word: active, and neither suspended nor short-lived."""
    return {
        row.credential_type: row
        for row in credentials
        if row.state == CredentialState.ACTIVE and not row.suspended and not row.short_lived
    }


def _unsent(credential: CredentialRow) -> CredentialState:
    """What becomes of a credential that was signed and is not sent: nobody has it."""
    return CredentialState.FAILED if credential.short_lived else CredentialState.REVOKING


def _require_status(credential: CredentialRow) -> None:
    """Raise `Conflict` for a credential that has no status."""
    if credential.short_lived:
        sentence = "A short-lived credential cannot be taken back: it ends by itself."
        raise Conflict(sentence, code="credential_short_lived")


def require_open(passport: PassportRow) -> None:
    """Raise `Conflict` unless the passport's connection was confirmed and the passport has not ended."""
    if passport.state not in MAY_BE_OFFERED:
        sentence = f"The passport is {passport.state}: nothing is offered or issued for it."
        raise Conflict(sentence, code=f"passport_{passport.state}")


def rejection(note: str | None) -> tuple[RejectionReason, str | None]:
    """The reason in a wallet's problem report (`code: words`), and the words that are more than that."""
    words = _storable(note or "").partition(": ")[2].strip()
    first, _, rest = words.partition(": ")
    if first in set(RejectionReason):
        return RejectionReason(first), rest.strip()[:200] or None
    return RejectionReason.OTHER, words[:200] or None


def _storable(text: str) -> str:
    """Without what PostgreSQL keeps in no text: NUL, and half a surrogate pair, which JSON can say."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def codes(error: StaffPassportError) -> str:
    """The codes of every broken rule, joined; they fit the column."""
    codes = [refusal.code for refusal in error.refusals] if isinstance(error, Refused) else [error.code]
    return ",".join(codes)[:120]
