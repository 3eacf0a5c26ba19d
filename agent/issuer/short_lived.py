"""Short-lived credentials, for wallets that take no W3C status: offered when one is proposed, and renewed."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import (
    CredentialExchangeId,
    CredentialFormat,
    CredentialState,
    CredentialType,
    W3cDataModel,
)
from agent.domain.errors import Conflict, NotFound, NotPermitted, Refusal, Refused, StaffPassportError
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.exchanges import CredentialExchanges, CredentialOffer, ShortLife
from agent.domain.workforce import Organisation
from agent.issuer.policy import SHORT_LIVED, Binding, Renewable
from agent.issuer.records import CredentialRepository, CredentialRow, PassportRepository, PassportRow
from agent.issuer.service import (
    HOLDER,
    SYSTEM,
    UNANSWERED,
    EmploymentIssuance,
    codes,
    held_of,
    require_open,
)
from agent.issuer.settings import StockWallets
from agent.store.engine import Store

_FORMATS = frozenset({CredentialFormat.W3C})
LOGGER = logging.getLogger(__name__)
_AWAITED = UNANSWERED | {CredentialState.ISSUING}
_WITH_THE_HOLDER = frozenset({CredentialState.ISSUED, CredentialState.ACTIVE})

type Send = Callable[[CredentialOffer], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortLivedIssuance:
    """One employing authority's short-lived credentials; each says what one that HR offered says."""

    store: Store
    organisation: Organisation
    audit: Audit
    exchanges: CredentialExchanges
    issuance: EmploymentIssuance
    wallets: StockWallets
    life: timedelta
    clock: Clock = utc_now

    async def proposed(self, exchange: CredentialExchangeId) -> None:
        """A holder's wallet proposes a credential: answer with an offer, or say why not."""
        if self.wallets is not StockWallets.PROPOSAL:
            return
        proposal = await self.exchanges.proposed(exchange)
        passport = await self._passport_of(proposal.connection)
        if passport is None:
            return
        try:
            async with self.audit.recording("answer proposal", actor=HOLDER, subject=passport.id):
                if proposal.credential is None or proposal.subject is None:
                    raise _unknown_proposal()
                await self._answer(exchange, passport, proposal.credential, proposal.subject)
        except StaffPassportError as error:
            await self.exchanges.withdraw(exchange, codes(error).partition(",")[0])

    async def renew(self) -> None:
        """Let go what ran out, and offer anew what has lived half its life; one replica at a time."""
        async with self.store.alone(f"short-lived:{self.organisation.ods_code}") as alone:
            if not alone:
                return
            for credential in await self._run_out():
                await self._each(credential, self._let_go)
            for credential in await self._due():
                await self._each(credential, self._renew_one)

    async def _each(
        self, credential: CredentialRow, step: Callable[[CredentialRow], Awaitable[None]]
    ) -> None:
        try:
            await step(credential)
        except Exception as error:  # noqa: BLE001  # one credential must not keep the others waiting
            LOGGER.warning("Credential %s waits: %s", credential.id, type(error).__qualname__)

    async def _answer(
        self, exchange: CredentialExchangeId, passport: PassportRow, credential: CredentialType, subject: str
    ) -> None:
        async def send(offer: CredentialOffer) -> None:
            await self.exchanges.answer(exchange, offer)

        await self._offer(exchange, passport, credential, subject, send)

    async def _let_go(self, credential: CredentialRow) -> None:
        """One that the holder has is expired; an offer that nobody took is withdrawn."""
        exchange = CredentialExchangeId(credential.id)
        if credential.state in _WITH_THE_HOLDER:
            await self.issuance.run_out(exchange)
        else:
            await self.issuance.expire(exchange)

    async def _renew_one(self, credential: CredentialRow) -> None:
        """One that is refused is not tried again, and runs out; the wallet may still propose one."""
        action = f"renew {credential.type} credential"
        try:
            async with self.audit.recording(action, actor=SYSTEM, subject=credential.id):
                await self._renew(credential)
        except (Refused, NotPermitted, NotFound, Conflict) as error:
            await self._keep_why(credential, codes(error))

    async def _renew(self, credential: CredentialRow) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            passport = await PassportRepository(session, self.organisation.ods_code).get(credential.passport)
        exchange, to = CredentialExchangeId(str(uuid4())), ConnectionId(passport.connection)

        async def send(offer: CredentialOffer) -> None:
            await self.exchanges.offer(exchange, to, offer)

        await self._offer(exchange, passport, credential.credential_type, passport.subject_did or "", send)

    async def _offer(
        self,
        exchange: CredentialExchangeId,
        passport: PassportRow,
        credential: CredentialType,
        subject: str,
        send: Send,
    ) -> None:
        """Judge as HR's offer of this type is judged, on the word of who made that one; then send."""
        require_open(passport)
        existing = await self.issuance.credentials(passport.id)
        SHORT_LIVED.require(_renewable(passport, credential, subject, existing, self.clock()))
        backing = held_of(existing)[credential]
        now = self.clock().replace(microsecond=0)
        claims = await self.issuance.judged_claims(passport, credential, backing.offered_by, at=now)
        row = self._new(exchange, backing, now)
        await self._keep(row)
        life = ShortLife(subject, row.offered_at + self.life)
        try:
            await send(CredentialOffer(credential, claims, (), _FORMATS, W3cDataModel.V1_1, now, life))
        except Exception:
            await self._discard(row)
            raise
        if not await self.issuance.stands(row):  # it was taken back while it was on its way
            await self.exchanges.withdraw(exchange, "withdrawn")

    # Rows

    def _new(self, exchange: CredentialExchangeId, backing: CredentialRow, now: datetime) -> CredentialRow:
        return CredentialRow(
            organisation=self.organisation.ods_code,
            id=exchange,
            passport=backing.passport,
            type=backing.type,
            state=CredentialState.OFFERING,
            offered_by=backing.offered_by,
            offered_at=now,
            changed_at=now,
            expires_at=now + self.life,
        )

    async def _keep(self, row: CredentialRow) -> None:
        """Keep the credential, if the passport is still open: a deactivation holds the same lock."""
        try:
            async with self.store.unit(self.organisation.ods_code) as session:
                passports = PassportRepository(session, self.organisation.ods_code)
                require_open(await passports.get(row.passport, lock=True))
                CredentialRepository(session, self.organisation.ods_code).add(row)
        except IntegrityError as error:
            raise Conflict("This credential is being offered already.", code="offer_in_progress") from error

    async def _discard(self, row: CredentialRow) -> None:
        """Forget an offer of which nobody heard."""
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            await repository.remove(await repository.get(row.id, lock=True))

    async def _keep_why(self, credential: CredentialRow, reason: str) -> None:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            (await repository.get(credential.id, lock=True)).reason = reason

    async def _passport_of(self, connection: ConnectionId) -> PassportRow | None:
        async with self.store.unit(self.organisation.ods_code) as session:
            return await PassportRepository(session, self.organisation.ods_code).of_connection(connection)

    async def _run_out(self) -> Sequence[CredentialRow]:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            states = _WITH_THE_HOLDER | {CredentialState.PENDING}
            return await repository.short_lived_until(self.clock(), states)

    async def _due(self) -> Sequence[CredentialRow]:
        if self.wallets is not StockWallets.PROPOSAL:
            return ()
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            return await repository.short_lived_due(self.clock(), _WITH_THE_HOLDER)


def _renewable(
    passport: PassportRow,
    credential: CredentialType,
    subject: str,
    existing: Iterable[CredentialRow],
    now: datetime,
) -> Renewable:
    return Renewable(
        credential,
        Binding(as_offered=True, subject=subject, pinned=passport.subject_did),
        held=frozenset(held_of(existing)),
        awaited=frozenset(
            row.credential_type for row in existing if row.short_lived and row.state in _AWAITED
        ),
        fresh=frozenset(
            row.credential_type
            for row in existing
            if row.state == CredentialState.ACTIVE and row.is_fresh(now)
        ),
    )


def _unknown_proposal() -> Refused:
    sentence = "The proposal names no credential of ours, or nobody whom it is about."
    return Refused(sentence, (Refusal("proposal_unknown", sentence, "the member of staff"),))
