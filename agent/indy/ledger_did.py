"""The organisation's DID on the ledger: made here, registered by whoever may, and then written with."""

from dataclasses import dataclass

from acapy_agent.config.ledger import accept_taa
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.ledger.base import BaseLedger
from acapy_agent.ledger.error import LedgerError
from acapy_agent.protocols.endorse_transaction.v1_0.transaction_jobs import TransactionJob
from acapy_agent.protocols.endorse_transaction.v1_0.util import is_author_role
from acapy_agent.wallet.base import BaseWallet
from acapy_agent.wallet.did_info import DIDInfo
from acapy_agent.wallet.did_method import SOV
from acapy_agent.wallet.key_type import ED25519

from agent.domain.errors import Conflict, Unavailable
from agent.registration_protocol import OPERATOR_ALIAS

_OURS = {"staff_passport": "ledger"}
"""Marks our DID in the wallet. Its key is the wallet's, and leaves it never."""


@dataclass(frozen=True, slots=True)
class LedgerDid:
    """A DID on the ledger, and the key that must be registered for it."""

    nym: str
    verkey: str
    registered: bool

    @property
    def did(self) -> str:
        """As the trust list has it."""
        return f"did:sov:{self.nym}"


class LedgerIdentity:
    """One wallet's DID on the ledger."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def nym(self) -> str:
        """With what we write. Raises `Conflict` until it is registered."""
        async with self._profile.session() as session:
            public: DIDInfo | None = await session.inject(BaseWallet).get_public_did()
        if public is None:
            raise Conflict("The organisation has no registered DID on the ledger yet.", code="no_ledger_did")
        return str(public.did)

    async def ensure(self) -> LedgerDid:
        """The DID, made first if need be. Once the ledger has it, it is made ready to write.

        That is when the ledger's agreement (TAA) is accepted, as the settings say. Raises `Unavailable` when
        the ledger does not answer, and `Conflict` when its agreement is another one than the settings accept,
        or when we need an endorser, the operator, and are not connected to it.
        """
        info = await self._have()
        if not await self._is_registered(info):
            return LedgerDid(info.did, info.verkey, registered=False)
        await self._accept_agreement()
        if is_author_role(self._profile):
            await self._have_endorser()
        async with self._profile.session() as session:
            await session.inject(BaseWallet).set_public_did(info.did)
        return LedgerDid(info.did, info.verkey, registered=True)

    async def _have(self) -> DIDInfo:
        async with self._profile.transaction() as transaction:
            wallet = transaction.inject(BaseWallet)
            if not await _ours(wallet):
                await wallet.create_local_did(method=SOV, key_type=ED25519, metadata=_OURS)
                await transaction.commit()
        async with self._profile.session() as session:
            # Two that were made at the same moment are one for everybody who looks afterwards.
            return min(await _ours(session.inject(BaseWallet)), key=lambda each: each.did)

    async def _is_registered(self, info: DIDInfo) -> bool:
        ledger = self._profile.inject(BaseLedger)
        try:
            async with ledger:
                return bool(await ledger.get_key_for_did(info.did) == info.verkey)
        except LedgerError as error:
            raise Unavailable("The ledger does not answer.", code="ledger_unavailable") from error

    async def _accept_agreement(self) -> None:
        ledger = self._profile.inject(BaseLedger)
        try:
            async with ledger:
                agreement = await ledger.get_txn_author_agreement()
                accepted = await ledger.get_latest_txn_author_acceptance()
        except LedgerError as error:
            raise Unavailable("The ledger does not answer.", code="ledger_unavailable") from error
        if not agreement["taa_required"] or accepted.get("digest") == agreement["taa_record"]["digest"]:
            return
        if not self._profile.settings.get("ledger.taa_acceptance_mechanism"):
            raise Conflict("The ledger has an agreement, and no setting accepts it.", code="taa_not_accepted")
        try:
            async with ledger:
                await accept_taa(ledger, self._profile, agreement)
        except LedgerError as error:
            raise Conflict(
                "The ledger's agreement is not the one that the settings accept.", code="taa_not_accepted"
            ) from error

    async def _have_endorser(self) -> None:
        """Say on the connection to the operator that it endorses what we write."""
        endorser = self._profile.settings.get("endorser.endorser_public_did")
        async with self._profile.session() as session:
            found = await ConnRecord.query(session, post_filter_positive={"alias": OPERATOR_ALIAS})
            ready = [each for each in found if each.is_ready]
            if not ready:
                raise Conflict("The operator, who endorses, is not connected.", code="no_endorser")
            await ready[-1].metadata_set(session, "endorser_info", {"endorser_did": endorser})
            jobs = {
                "transaction_my_job": TransactionJob.TRANSACTION_AUTHOR.name,
                "transaction_their_job": TransactionJob.TRANSACTION_ENDORSER.name,
            }
            await ready[-1].metadata_set(session, "transaction_jobs", jobs)


async def _ours(wallet: BaseWallet) -> list[DIDInfo]:
    return [each for each in await wallet.get_local_dids() if each.metadata.items() >= _OURS.items()]
