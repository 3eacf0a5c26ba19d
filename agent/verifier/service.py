"""The host's use case: to ask a person for their passport, and to judge what they present."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from agent.domain.actors import Actor
from agent.domain.clock import Clock, london_day, utc_now
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Conflict, NotFound, PolicyRefused, Refusal, StaffPassportError, Unavailable
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit, AuditOutcome, Intent, outcome_of
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.presentations import (
    AcceptedCredential,
    PresentationRequestId,
    Presentations,
    PresentationState,
    PresentedCredential,
)
from agent.domain.ports.status_lists import CredentialStatus, StatusLists, StatusSnapshot
from agent.domain.ports.trust import TrustedOrganisation, TrustList
from agent.domain.review import OPEN, ReviewState, Verdict
from agent.domain.workforce import Organisation
from agent.problems import refusal_as_json, without_values
from agent.store.engine import Store
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.policy import ACCEPTANCE, Evidence, asker_may_ask
from agent.verifier.records import PresentationRequestRow, ReviewRepository

LOGGER = logging.getLogger(__name__)
HOLDER = "holder"
SYSTEM = "system:verifier"
_AUDITED = {
    Verdict.ACCEPTED: AuditOutcome.DONE,
    Verdict.REFUSED: AuditOutcome.REFUSED,
    Verdict.DECLINED: AuditOutcome.DECLINED,
    Verdict.UNAVAILABLE: AuditOutcome.UNAVAILABLE,
}
NO_ANSWER = Refusal("no_answer", "The wallet did not answer in time.", "the member of staff")
JUDGING_FAILED = Refusal("judging_failed", "It could not be judged; what went wrong has been recorded.")


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What came of judging one presentation; `shown` is what was accepted."""

    verdict: Verdict
    reasons: tuple[Refusal, ...]
    shown: tuple[PresentedCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class _Begun:
    """A request that is about to be sent, and the intent to do so."""

    row: PresentationRequestRow
    intent: Intent
    connection: ConnectionId
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportVerification:
    """Asks for presentations and judges them for one host organisation."""

    store: Store
    organisation: Organisation
    audit: Audit
    connections: Connections
    presentations: Presentations
    identity: OrganisationIdentity
    trust: TrustList
    objects: AnonCredsObjects
    status_lists: StatusLists
    accepted: AcceptedCredentials
    answer_within: timedelta
    record_at_most: timedelta
    short_life_at_most: timedelta
    clock: Clock = utc_now

    # Ask

    async def request(
        self,
        review: str,
        types: tuple[CredentialType, ...],
        *,
        formats: frozenset[CredentialFormat] | None = None,
        answer_within: timedelta | None,
        by: Actor,
    ) -> PresentationRequestRow:
        """Ask the person of `review` for one presentation of `types`.

        In `formats`; when nothing is said, in AnonCreds, and in W3C too of a wallet that says it binds those.
        Raises `Conflict` while they are not connected, `PolicyRefused` when this host may not ask for these.
        """
        await self._require_that_we_may_ask(types)
        begun = await self._begin(review, types, answer_within, by)
        row = begun.row
        try:
            wanted = formats or await self._formats_of(begun.connection)
            await self.presentations.request(
                PresentationRequestId(row.id),
                begun.connection,
                types,
                wanted,
                begun.purpose,
                until=row.answer_by,
            )
        except StaffPassportError as error:
            async with self.store.unit(self.organisation.ods_code):
                await self._decide(row.id, Verdict.UNAVAILABLE, (Refusal(error.code, error.sentence),))
                await self.audit.conclude(begun.intent, outcome_of(error), code=error.code)
            raise
        async with self.store.unit(self.organisation.ods_code):
            await self._move(row.id, {Verdict.REQUESTING}, Verdict.REQUESTED)
            await self.audit.conclude(begun.intent, AuditOutcome.DONE)
        return await self.get(row.id)

    async def get(self, request: str) -> PresentationRequestRow:
        """One request as it stands now; one whose time ran out says so. Raises `NotFound`."""
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await ReviewRepository(session, self.organisation.ods_code).request(request)
        if row.state == Verdict.REQUESTED and self.clock() >= row.answer_by:
            await self.expire(request)
            return await self.get(request)
        return row

    async def requests_of(
        self, review: str, *, state: Verdict | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[PresentationRequestRow]:
        """Up to `limit` requests of a review, oldest first."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = ReviewRepository(session, self.organisation.ods_code)
            return await repository.requests_of(review, state=state, after=after, limit=limit)

    async def requests_with(
        self, verdict: Verdict, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[tuple[PresentationRequestRow, str]]:
        """Up to `limit` requests with this verdict, newest first, each with its review's purpose."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = ReviewRepository(session, self.organisation.ods_code)
            found = await repository.requests_with(verdict, after=after, limit=limit)
        return [(row, purpose) for row, purpose in found]

    async def presented(self, row: PresentationRequestRow) -> tuple[AcceptedCredential, ...]:
        """What was shown for an accepted request, as the encrypted wallet keeps it; nothing for another."""
        if row.state != Verdict.ACCEPTED:
            return ()
        return await self.presentations.presented(PresentationRequestId(row.id))

    # Judge

    async def judge(self, request: PresentationRequestId) -> None:
        """Something was presented: check its proofs, judge it, record the verdict.

        When the trust list or the registry does not answer, or judging breaks, the verdict is *unavailable*:
        ask again.
        """
        async with self._alone_with(request) as alone:
            if alone:
                await self._judge(request)

    async def _judge(self, request: PresentationRequestId) -> None:
        async with self.store.unit(self.organisation.ods_code):
            row = await self._move(request, {Verdict.REQUESTED, Verdict.REQUESTING}, Verdict.JUDGING)
            if row is None:
                return  # none of ours, judged before, or too late
            intent = await self.audit.intend_within(
                "judge presentation", actor=row.requested_by, subject=request
            )
        judged = await self._judged(row)
        code = judged.reasons[0].code if judged.reasons else None
        async with self.store.unit(self.organisation.ods_code):
            await self._decide(request, judged.verdict, judged.reasons)
            await self.accepted.keep(row, judged.shown)
            await self.audit.conclude(intent, _AUDITED[judged.verdict], code=code)

    async def _judged(self, row: PresentationRequestRow) -> _Judgement:
        try:
            evidence = await self._evidence(row)
            if reasons := ACCEPTANCE.refusals(evidence):
                return _Judgement(Verdict.REFUSED, reasons)
        except Unavailable as error:
            return _Judgement(Verdict.UNAVAILABLE, (Refusal(error.code, error.sentence),))
        except Exception as error:  # a stranger's presentation may break its reader in any way
            told = type(error).__qualname__
            # Not `exception`: the message of another's error could show a claim.
            LOGGER.error(  # noqa: TRY400
                "Judging request %s ended with %s", row.id, told, exc_info=without_values(error)
            )
            return _Judgement(Verdict.UNAVAILABLE, (JUDGING_FAILED,))
        return _Judgement(Verdict.ACCEPTED, (), evidence.credentials)

    async def abandoned(self, request: PresentationRequestId) -> None:
        """The wallet ended the exchange: a person said no."""
        reason = Refusal("declined_by_holder", "The person declined to present.", "the member of staff")
        await self._close(request, Verdict.DECLINED, reason, actor=HOLDER)

    async def expire(self, request: str) -> None:
        """Nothing came in time. Silence is neither yes nor no."""
        if await self._close(request, Verdict.UNAVAILABLE, NO_ANSWER, actor=SYSTEM):
            await self.presentations.abandon(PresentationRequestId(request), NO_ANSWER.code)

    async def catch_up(self) -> None:
        """Find what events did not tell, and requests whose time ran out."""
        async with self.store.unit(self.organisation.ods_code) as session:
            rows = await ReviewRepository(session, self.organisation.ods_code).open_requests(sorted(OPEN))
        for row in rows:
            try:
                await self._carry_on(row)
            except Exception as error:  # noqa: BLE001  # one request must not keep the others waiting
                LOGGER.warning("Request %s waits: %s", row.id, type(error).__qualname__)

    async def _carry_on(self, row: PresentationRequestRow) -> None:
        request = PresentationRequestId(row.id)
        if row.state == Verdict.JUDGING:
            await self._judge_again(request)
            return
        state = (await self.presentations.look_up(request)).state
        if state is PresentationState.ABANDONED:
            await self.abandoned(request)
        elif state in {PresentationState.PRESENTED, PresentationState.VERIFIED}:
            await self.judge(request)
        elif self.clock() >= row.answer_by:
            await self.expire(request)

    async def _judge_again(self, request: PresentationRequestId) -> None:
        """A judgement that a crash cut short is made anew; one that runs still has the request to itself."""
        async with self._alone_with(request) as alone:
            if alone:
                await self._move(request, {Verdict.JUDGING}, Verdict.REQUESTED)
                await self._judge(request)

    def _alone_with(self, request: PresentationRequestId) -> AbstractAsyncContextManager[bool]:
        return self.store.alone(f"judging:{request}")

    async def _evidence(self, row: PresentationRequestRow) -> Evidence:
        presentation = await self.presentations.check(PresentationRequestId(row.id))
        issuers: dict[str, TrustedOrganisation | None] = {}
        for shown in presentation.credentials:
            issuers[shown.issuer_did] = await self.trust.organisation(shown.issuer_did)
        lists = self.status_lists.snapshot()
        return Evidence(
            presentation=presentation,
            asked=row.asked,
            national_schemas=await self.objects.national_schemas(),
            issuers=issuers,
            statuses=tuple([await _status(shown, issuers, lists) for shown in presentation.credentials]),
            on=self._today(),
            record_at_most=self.record_at_most,
            at=self.clock(),
            short_life_at_most=self.short_life_at_most,
        )

    # What the use cases share

    async def _formats_of(self, connection: ConnectionId) -> frozenset[CredentialFormat]:
        bound = await self.connections.w3c_data_models(connection)
        return frozenset(CredentialFormat) if bound else frozenset({CredentialFormat.ANONCREDS})

    async def _require_that_we_may_ask(self, types: tuple[CredentialType, ...]) -> None:
        did = await self.identity.did()
        entry = await self.trust.organisation(did) if did else None
        if (refusal := asker_may_ask(entry, types, self.clock())) is not None:
            raise PolicyRefused("asking", (refusal,))

    async def _begin(
        self, review: str, types: tuple[CredentialType, ...], answer_within: timedelta | None, by: Actor
    ) -> _Begun:
        """Keep the request, with the intent to send it: one that nobody can account for must not exist."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = ReviewRepository(session, self.organisation.ods_code)
            held = await repository.review(review)
            if held.state != ReviewState.CONNECTED:
                raise Conflict("The person's wallet is not connected yet.", code=f"review_{held.state}")
            now = self.clock()
            row = PresentationRequestRow(
                organisation=self.organisation.ods_code,
                id=str(uuid4()),
                review=review,
                state=Verdict.REQUESTING,
                types=list(types),
                reasons=[],
                requested_by=by.id,
                requested_at=now,
                answer_by=now + (answer_within or self.answer_within),
            )
            repository.add(row)
            await session.flush()
            intent = await self.audit.intend_within("request presentation", actor=by.id, subject=review)
        return _Begun(row, intent, ConnectionId(held.connection), held.purpose)

    async def _close(self, request: str, verdict: Verdict, reason: Refusal, *, actor: str) -> bool:
        """Decide a request that still waits for its answer, and leave any other alone; whether it did."""
        if not await self._waits(request):
            return False
        intent = await self.audit.intend("close presentation request", actor=actor, subject=request)
        async with self.store.unit(self.organisation.ods_code):
            waiting = {Verdict.REQUESTING, Verdict.REQUESTED}
            if await self._move(request, waiting, Verdict.JUDGING) is None:
                await self.audit.conclude(intent, AuditOutcome.FAILED, code="decided_meanwhile")
                return False
            await self._decide(request, verdict, (reason,))
            await self.audit.conclude(intent, _AUDITED[verdict], code=reason.code)
        return True

    async def _waits(self, request: str) -> bool:
        async with self.store.unit(self.organisation.ods_code) as session:
            try:
                row = await ReviewRepository(session, self.organisation.ods_code).request(request)
            except NotFound:
                return False
        return row.state in {Verdict.REQUESTING, Verdict.REQUESTED}

    async def _decide(self, request: str, verdict: Verdict, reasons: Sequence[Refusal]) -> None:
        async with self.store.joined(self.organisation.ods_code) as session:
            row = await ReviewRepository(session, self.organisation.ods_code).request(request, lock=True)
            row.state, row.decided_at = verdict, self.clock()
            row.reasons = [refusal_as_json(reason) for reason in reasons]

    async def _move(self, request: str, from_: set[Verdict], to: Verdict) -> PresentationRequestRow | None:
        """The request, moved; None when it is not in any of `from_`, or is none of ours."""
        async with self.store.joined(self.organisation.ods_code) as session:
            try:
                row = await ReviewRepository(session, self.organisation.ods_code).request(request, lock=True)
            except NotFound:
                return None
            if row.state not in from_:
                return None
            row.state = to
            return row

    def _today(self) -> date:
        return london_day(self.clock())


async def _status(
    shown: PresentedCredential, issuers: Mapping[str, TrustedOrganisation | None], lists: StatusSnapshot
) -> CredentialStatus:
    """What its issuer's lists say now. Nobody asks a stranger's."""
    if shown.short_life is not None:
        return CredentialStatus.NONE
    if issuers.get(shown.issuer_did) is None:
        return CredentialStatus.NOT_ASKED
    return await lists.status(shown.status, shown.issuer_did)
