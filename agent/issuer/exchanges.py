"""Issue-credential 2.0 (RFC 0453) by ACA-Py: the only file of this plugin that knows the protocol."""

from datetime import UTC, datetime
from typing import Any

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0 import problem_report_for_record
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.message_types import ATTACHMENT_FORMAT, CRED_20_PROPOSAL
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_proposal import V20CredProposal
from acapy_agent.protocols.issue_credential.v2_0.messages.inner.cred_preview import (
    V20CredAttrSpec,
    V20CredPreview,
)
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.storage.error import StorageNotFoundError
from acapy_agent.vc.ld_proofs.error import LinkedDataProofException
from pyld.jsonld import JsonLdError

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import Claims, CredentialExchangeId, CredentialFormat, CredentialType
from agent.domain.errors import Conflict, NotFound, Unavailable
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.exchanges import (
    CannotBeSigned,
    CredentialExchanges,
    CredentialOffer,
    CredentialProposal,
    Exchange,
    ExchangeState,
    StatusEntry,
)
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.issuer.short_lived_form import read_proposal, without_status
from agent.issuer.w3c_credentials import ld_proof_detail, require_meaning, unsigned_credential
from agent.national_schemas import national_origin
from signed_documents.linked_data_proofs import PinnedContexts

type Json = dict[str, Any]
ANONCREDS: str = V20CredFormat.Format.ANONCREDS.api
LD_PROOF: str = V20CredFormat.Format.LD_PROOF.api
_FORMATS = {ANONCREDS: CredentialFormat.ANONCREDS, LD_PROOF: CredentialFormat.W3C}
_STATES = {
    V20CredExRecord.STATE_OFFER_SENT: ExchangeState.OFFERED,
    V20CredExRecord.STATE_REQUEST_RECEIVED: ExchangeState.REQUESTED,
    V20CredExRecord.STATE_ISSUED: ExchangeState.ISSUED,
    V20CredExRecord.STATE_DONE: ExchangeState.DONE,
    V20CredExRecord.STATE_ABANDONED: ExchangeState.ABANDONED,
}


class AcaPyExchanges(CredentialExchanges):
    """Credentials for one wallet's holders. ACA-Py's record has our exchange id as its own."""

    def __init__(
        self, profile: Profile, identity: OrganisationIdentity, trust: TrustList, contexts: PinnedContexts
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._contexts = contexts

    async def offer(self, exchange: CredentialExchangeId, to: ConnectionId, offer: CredentialOffer) -> None:
        """Make the record under our id, then send the offer. Issuing waits for our word."""
        proposal = await self._proposal(exchange, offer)
        record = V20CredExRecord(
            cred_ex_id=exchange,
            new_with_id=True,
            connection_id=to,
            initiator=V20CredExRecord.INITIATOR_SELF,
            role=V20CredExRecord.ROLE_ISSUER,
            cred_proposal=proposal,
            auto_issue=False,
            auto_remove=False,
        )
        with registry_may_be_down():
            record, message = await V20CredManager(self._profile).create_offer(record)
        await self._responder.send(message, connection_id=to)

    async def proposed(self, exchange: CredentialExchangeId) -> CredentialProposal:
        """Read the proposal, whose form ACA-Py has checked, and whose words are the wallet's."""
        record = await self._record(exchange)
        message = record.cred_proposal
        detail = message.attachment(V20CredFormat.Format.LD_PROOF) if message else None
        return read_proposal(ConnectionId(record.connection_id or ""), detail)

    async def answer(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> None:
        """Make the offer in the proposal's record, and send it on its thread. Issuing waits for our word."""
        record = await self._record(exchange)
        record.auto_issue, record.auto_remove = False, False
        counter = await self._proposal(exchange, offer)
        with registry_may_be_down():
            record, message = await V20CredManager(self._profile).create_offer(record, counter)
        await self._responder.send_reply(message, connection_id=record.connection_id)

    async def look_up(self, exchange: CredentialExchangeId) -> Exchange:
        """The record's state, with the status entry once one is used up."""
        try:
            record = await self._record(exchange)
        except NotFound:
            return Exchange(ExchangeState.ABSENT)
        entry, note = await self._status_entry(exchange), record.error_msg
        return Exchange(_state(record), entry, note, _requested(record), _subject(record))

    async def offered_claims(self, exchange: CredentialExchangeId) -> Claims:
        """The attributes of the offer's preview."""
        record = await self._record(exchange)
        preview = record.cred_offer.credential_preview if record.cred_offer else None
        if preview is None:
            raise NotFound("There is no such offer.")
        claims: dict[str, str] = preview.attr_dict(decode=False)
        return claims

    async def sign(self, exchange: CredentialExchangeId) -> StatusEntry | None:
        """Sign; after a crash in between, find what was signed instead of signing again."""
        record = await self._record(exchange)
        if _state(record) is ExchangeState.REQUESTED:
            await self._forget_half_signed(exchange)
            await self._issue(record)
        return await self._status_entry(exchange)

    async def _forget_half_signed(self, exchange: CredentialExchangeId) -> None:
        """ACA-Py keeps the used-up entry before the credential; a crash between the two wastes the entry."""
        async with self._profile.session() as session:
            for detail in await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, exchange):
                await detail.delete_record(session)

    async def _issue(self, record: V20CredExRecord) -> None:
        """Sign by ACA-Py. Whatever fails but the registry is wrong with the request."""
        try:
            with registry_may_be_down():
                await V20CredManager(self._profile).issue_credential(record)
        except Unavailable as error:
            if error.code == "signing_unavailable":
                raise CannotBeSigned("The credential cannot be signed.") from error
            raise
        except (BaseError, LinkedDataProofException, JsonLdError) as error:
            raise CannotBeSigned("The credential cannot be signed.") from error

    async def send(self, exchange: CredentialExchangeId) -> None:
        """Send the credential once it is signed, the offer until then, on the exchange's thread."""
        record = await self._record(exchange)
        message = record.cred_issue or record.cred_offer
        message.assign_thread_id(record.thread_id)
        await self._responder.send_reply(message, connection_id=record.connection_id)

    async def withdraw(self, exchange: CredentialExchangeId, code: str) -> None:
        """Abandon the record, and tell the wallet by a problem report."""
        try:
            record = await self._record(exchange)
        except NotFound:
            return
        async with self._profile.session() as session:
            record.state = V20CredExRecord.STATE_ABANDONED
            await record.save(session, reason="the issuer withdrew the offer")
        report = problem_report_for_record(record, f"The offer was withdrawn: {code}")
        await self._responder.send(report, connection_id=record.connection_id)

    async def revoke(self, entry: StatusEntry) -> None:
        """Revoke and publish; then read the published list as a stranger would, to be sure."""
        if await self._published_as_revoked(entry):
            return
        with registry_may_be_down():
            await self._publish_revocation(entry)
        if not await self._published_as_revoked(entry):
            raise Unavailable("The revocation is not published yet.", code="revocation_not_published")

    async def _publish_revocation(self, entry: StatusEntry) -> None:
        """Revoke in the wallet, then publish the list ourselves.

        ACA-Py's own `RevocationManager` takes a publication that failed for one that succeeded.
        """
        revocation = AnonCredsRevocation(self._profile)
        result = await revocation.revoke_pending_credentials(entry.registry, additional_crids=[entry.index])
        current = result.curr or await revocation.get_created_revocation_list(entry.registry)
        registry = await revocation.get_created_revocation_registry_definition(entry.registry)
        if current is None or registry is None:
            raise Unavailable("The revocation registry is not in this wallet.", code="signing_unavailable")
        await self._profile.inject(AnonCredsRegistry).update_revocation_list(
            self._profile, registry, result.prev, current, [entry.index]
        )

    async def _published_as_revoked(self, entry: StatusEntry) -> bool:
        with registry_may_be_down():
            answer = await self._profile.inject(AnonCredsRegistry).get_revocation_list(
                self._profile, entry.registry
            )
        return bool(answer.revocation_list.revocation_list[entry.index])

    async def _proposal(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> V20CredProposal:
        """What ACA-Py makes an offer from: each format's part, and the preview that people see."""
        attachments: dict[str, Json] = {}
        if CredentialFormat.ANONCREDS in offer.formats:
            attachments[ANONCREDS] = {"cred_def_id": await self._definition(offer.credential)}
        if CredentialFormat.W3C in offer.formats:
            attachments[LD_PROOF] = await self._w3c_detail(exchange, offer)
        return V20CredProposal(
            credential_preview=_preview(offer),
            formats=[
                V20CredFormat(attach_id=name, format_=ATTACHMENT_FORMAT[CRED_20_PROPOSAL][name])
                for name in attachments
            ],
            filters_attach=[
                AttachDecorator.data_base64(content, ident=name) for name, content in attachments.items()
            ],
        )

    async def _w3c_detail(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> Json:
        issuer, origin = await self._identity.did(), national_origin(await self._trust.operator())
        if issuer is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        credential = unsigned_credential(
            offer, identifier=exchange, issuer=issuer, origin=origin, now=datetime.now(UTC)
        )
        require_meaning(credential, origin=origin, contexts=self._contexts)
        if offer.short_life is not None:
            credential = without_status(credential, offer.short_life)
        return ld_proof_detail(credential)

    async def _definition(self, credential: CredentialType) -> str:
        """This wallet's own definition for a type, the newest if there are several."""
        definition = schemas.load(credential)
        found = await AnonCredsIssuer(self._profile).get_created_credential_definitions(
            schema_name=definition.type_name, schema_version=definition.version
        )
        if not found:
            raise Conflict(
                f"The {credential} credential has not been set up for issuing.", code="not_published"
            )
        return str(found[-1])

    async def _status_entry(self, exchange: CredentialExchangeId) -> StatusEntry | None:
        async with self._profile.session() as session:
            details = await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, exchange)
        for detail in details:
            if detail.rev_reg_id and detail.cred_rev_id:
                return StatusEntry(detail.rev_reg_id, int(detail.cred_rev_id))
        return None

    async def _record(self, exchange: CredentialExchangeId) -> V20CredExRecord:
        try:
            async with self._profile.session() as session:
                return await V20CredExRecord.retrieve_by_id(session, exchange)
        except StorageNotFoundError as error:
            raise NotFound("There is no such exchange.") from error

    @property
    def _responder(self) -> BaseResponder:
        return self._profile.inject(BaseResponder)


def _state(record: V20CredExRecord) -> ExchangeState:
    """What is signed stays signed: ACA-Py forgets that when a wallet asks a second time."""
    state = _STATES.get(record.state, ExchangeState.ABSENT)
    return ExchangeState.ISSUED if state is ExchangeState.REQUESTED and record.cred_issue else state


def _requested(record: V20CredExRecord) -> frozenset[CredentialFormat]:
    """The formats that the wallet asked for, of those that we know."""
    attached = record.cred_request.formats if record.cred_request else ()
    known = [V20CredFormat.Format.get(each.format) for each in attached]
    return frozenset(_FORMATS[each.api] for each in known if each and each.api in _FORMATS)


def _subject(record: V20CredExRecord) -> str | None:
    """The DID that the wallet added to the W3C credential, when it asked for one."""
    if CredentialFormat.W3C not in _requested(record):
        return None
    asked: Json = record.cred_request.attachment(V20CredFormat.Format.LD_PROOF)
    subject = asked.get("credential", {}).get("credentialSubject", {}).get("id")
    return subject if isinstance(subject, str) else None


def _preview(offer: CredentialOffer) -> V20CredPreview:
    """Every attribute of the AnonCreds form: the claims, and where the credential's status stands."""
    told = {**offer.claims, schemas.STATUS_ATTRIBUTE: " ".join(offer.status)}
    return V20CredPreview(
        attributes=[V20CredAttrSpec(name=name, value=value) for name, value in told.items()]
    )
