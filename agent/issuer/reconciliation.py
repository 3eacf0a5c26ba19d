"""What an event did not tell, or a crash cut short, is found here and carried on."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from agent.domain.clock import Clock, utc_now
from agent.domain.credentials import CredentialExchangeId, CredentialState
from agent.domain.errors import StaffPassportError
from agent.domain.ports.exchanges import ExchangeState
from agent.domain.workforce import Organisation
from agent.issuer.mass_revocation import MassRevocations
from agent.issuer.passports import Passports
from agent.issuer.records import CredentialRepository, CredentialRow
from agent.issuer.service import EmploymentIssuance
from agent.store.engine import Store

LOGGER = logging.getLogger(__name__)
SETTLED_AFTER = timedelta(seconds=30)
"""Anything younger may still be in the hands of a call that runs."""
_OURS_TO_GO_ON = (CredentialState.OFFERING, CredentialState.ISSUING, CredentialState.REVOKING)
_THE_WALLETS = (CredentialState.PENDING, CredentialState.ISSUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerReconciliation:
    """One employing authority's rounds; one replica at a time does them."""

    store: Store
    organisation: Organisation
    issuance: EmploymentIssuance
    mass_revocations: MassRevocations
    passports: Passports
    offer_life: timedelta
    repeat_after: timedelta
    clock: Clock = utc_now

    async def run(self) -> None:
        """Carry on with every passport and credential that stands still."""
        async with self.store.alone(f"issuer:{self.organisation.ods_code}") as alone:
            if not alone:
                return
            for credential in await self._unfinished():
                await self._carry_on(credential)
            await self.passports.catch_up()
            await self._by_rule(self.mass_revocations.carry_on)
            await self._by_rule(self.issuance.end_if_succeeded)

    async def _by_rule(self, step: Callable[[], Awaitable[None]]) -> None:
        """What waits for the registry, say, is tried again in the next round."""
        try:
            await step()
        except StaffPassportError as error:
            LOGGER.warning("Passports wait to be ended: %s", error.code)

    async def _unfinished(self) -> list[CredentialRow]:
        async with self.store.unit(self.organisation.ods_code) as session:
            repository = CredentialRepository(session, self.organisation.ods_code)
            now = self.clock()
            cut_short = await repository.standing(_OURS_TO_GO_ON, before=now - SETTLED_AFTER)
            awaited = await repository.standing(_THE_WALLETS, before=now - self.repeat_after)
            return [*cut_short, *awaited]

    async def _carry_on(self, credential: CredentialRow) -> None:
        steps: dict[str, Callable[[CredentialRow], Awaitable[None]]] = {
            CredentialState.OFFERING: self._after_offering,
            CredentialState.PENDING: self._after_pending,
            CredentialState.ISSUING: self._after_issuing,
            CredentialState.ISSUED: self._after_issued,
            CredentialState.REVOKING: self._after_revoking,
        }
        try:
            await steps[credential.state](credential)
        except StaffPassportError as error:
            LOGGER.warning("Credential %s waits: %s", credential.id, error.code)
        except Exception as error:  # noqa: BLE001  # one credential must not keep the others waiting
            LOGGER.warning("Credential %s waits: %s", credential.id, type(error).__qualname__)

    async def _after_offering(self, credential: CredentialRow) -> None:
        """Either the offer exists, or nobody has it."""
        exchange = await self._look_up(credential)
        await self.issuance.settle_offer(credential, sent=exchange is not ExchangeState.ABSENT)

    async def _after_pending(self, credential: CredentialRow) -> None:
        exchange = await self._look_up(credential)
        if exchange is ExchangeState.REQUESTED:
            await self.issuance.issue(CredentialExchangeId(credential.id))
        elif exchange is ExchangeState.ABANDONED:
            await self.issuance.abandoned(CredentialExchangeId(credential.id))
        elif credential.offered_at < self.clock() - self.offer_life:
            await self.issuance.expire(CredentialExchangeId(credential.id))
        elif self._silent(credential):
            await self.issuance.send_again(credential)

    async def _after_issuing(self, credential: CredentialRow) -> None:
        """Cut short between judging and sending: signed or not, go on from there."""
        await self.issuance.resume(credential)

    async def _after_issued(self, credential: CredentialRow) -> None:
        exchange = await self._look_up(credential)
        if exchange is ExchangeState.DONE:
            await self.issuance.acknowledged(CredentialExchangeId(credential.id))
        elif exchange is ExchangeState.ISSUED and self._silent(credential):
            await self.issuance.send_again(credential)

    async def _after_revoking(self, credential: CredentialRow) -> None:
        await self.issuance.finish_revoking(credential.id)

    def _silent(self, credential: CredentialRow) -> bool:
        """Whether it is time to say it again: after a while, then after twice as long each time.

        A message is lost with whichever process dies while it holds one, and nobody else knows of it.
        """
        patience: timedelta = self.repeat_after * 2**credential.sent_again
        return credential.changed_at + patience < self.clock()

    async def _look_up(self, credential: CredentialRow) -> ExchangeState:
        return (await self.issuance.exchanges.look_up(CredentialExchangeId(credential.id))).state
