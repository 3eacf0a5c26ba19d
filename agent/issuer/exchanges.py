"""Issue-credential 2.0 (RFC 0453): with `messages` and `attachments`, all that knows the protocol here.

ACA-Py keeps the records, and makes what is AnonCreds'; the W3C form is ours, signed by the identity.
"""

import json
from typing import Any

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0 import problem_report_for_record
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import V20CredRequest
from acapy_agent.protocols.issue_credential.v2_0.messages.inner.cred_preview import (
    V20CredAttrSpec,
    V20CredPreview,
)
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.storage.error import StorageNotFoundError

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import (
    Claims,
    CredentialExchangeId,
    CredentialFormat,
    CredentialType,
    W3cDataModel,
)
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
from agent.domain.ports.identity import CredentialSigner, OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.issuer.attachments import (
    ANONCREDS,
    W3C,
    Attached,
    Form,
    attached,
    detail,
    forms_of,
    is_as_offered,
    subject_of,
)
from agent.issuer.short_lived_form import read_proposal, without_status
from agent.issuer.w3c_credentials import require_meaning, unsigned_credential
from agent.national_schemas import national_origin
from signed_documents.linked_data_proofs import PinnedContexts

type Json = dict[str, Any]
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
        self,
        profile: Profile,
        identity: OrganisationIdentity,
        trust: TrustList,
        contexts: PinnedContexts,
        signer: CredentialSigner,
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._contexts = contexts
        self._signer = signer

    async def offer(self, exchange: CredentialExchangeId, to: ConnectionId, offer: CredentialOffer) -> None:
        """Make the record under our id, then send the offer. Issuing waits for our word."""
        message = await self._message(exchange, offer)
        record = V20CredExRecord(
            cred_ex_id=exchange,
            new_with_id=True,
            connection_id=to,
            thread_id=message._thread_id,  # noqa: SLF001  # ACA-Py's own managers read it so
            initiator=V20CredExRecord.INITIATOR_SELF,
            role=V20CredExRecord.ROLE_ISSUER,
            state=V20CredExRecord.STATE_OFFER_SENT,
            cred_offer=message,
            auto_issue=False,
            auto_remove=False,
        )
        async with self._profile.session() as session:
            await record.save(session, reason="offer a credential")
        await self._responder.send(message, connection_id=to)

    async def proposed(self, exchange: CredentialExchangeId) -> CredentialProposal:
        """Read the proposal, whose form ACA-Py has checked, and whose words are the wallet's."""
        record = await self._record(exchange)
        message, form = record.cred_proposal, W3C[W3cDataModel.V1_1]
        wanted = attached(form, message.formats, message.filters_attach) if message else None
        return read_proposal(ConnectionId(record.connection_id or ""), wanted)

    async def answer(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> None:
        """Make the offer in the proposal's record, and send it on its thread. Issuing waits for our word."""
        record, message = await self._record(exchange), await self._message(exchange, offer)
        message.assign_thread_id(record.thread_id)
        record.auto_issue, record.auto_remove = False, False
        record.cred_offer, record.state = message, V20CredExRecord.STATE_OFFER_SENT
        async with self._profile.session() as session:
            await record.save(session, reason="answer a proposal")
        await self._responder.send_reply(message, connection_id=record.connection_id)

    async def look_up(self, exchange: CredentialExchangeId) -> Exchange:
        """All that the record says, read once: to read one takes ACA-Py some milliseconds."""
        try:
            record = await self._record(exchange)
        except NotFound:
            return Exchange(ExchangeState.ABSENT)
        asked = _asked(record)
        return Exchange(
            _state(record),
            note=record.error_msg,
            requested=frozenset(form.format for form in asked),
            subject=next((subject_of(asked[form]) for form in asked if form is not ANONCREDS), None),
            as_offered=_is_as_offered(record),
            offered=_offered(record),
        )

    async def sign(self, exchange: CredentialExchangeId, *, subject: str | None) -> StatusEntry | None:
        """Sign; after a crash in between, find what was signed instead of signing again."""
        record = await self._record(exchange)
        if _state(record) is ExchangeState.REQUESTED:
            await self._issue(record, subject)
        return await self._status_entry(exchange)

    async def _issue(self, record: V20CredExRecord, subject: str | None) -> None:
        """Sign in every form that was asked for. The AnonCreds entry used up is kept with what is signed."""
        asked = _asked(record)
        if not asked or any(subject_of(asked[form]) != subject for form in asked if form is not ANONCREDS):
            raise CannotBeSigned("This is not the request that was judged.")
        in_w3c = {form: content for form, content in asked.items() if form is not ANONCREDS}
        signed = [form.attach(form.issue, await self._signed_w3c(each)) for form, each in in_w3c.items()]
        used: V20CredExRecordAnonCreds | None = None
        if ANONCREDS in asked:  # last: it uses up a status entry
            used, credential = await self._signed_anoncreds(record, asked[ANONCREDS])
            signed.append(ANONCREDS.attach(ANONCREDS.issue, credential))
        record.cred_issue = V20CredIssue(
            formats=[named for named, _ in signed], credentials_attach=[content for _, content in signed]
        )
        record.state = V20CredExRecord.STATE_ISSUED
        async with self._profile.transaction() as transaction:
            if used is not None:
                await used.save(transaction, reason="a status entry is used up")
            await record.save(transaction, reason="sign a credential")
            await transaction.commit()

    async def _signed_anoncreds(
        self, record: V20CredExRecord, request: Json
    ) -> tuple[V20CredExRecordAnonCreds, Json]:
        """Sign by ACA-Py. Whatever fails but the registry is wrong with the request."""
        offer = attached(ANONCREDS, record.cred_offer.formats, record.cred_offer.offers_attach) or {}
        claims = _offered(record) or {}
        try:
            with registry_may_be_down():
                credential, index, registry = await AnonCredsRevocation(self._profile).create_credential(
                    offer, request, dict(claims)
                )
        except Unavailable as error:
            if error.code == "signing_unavailable":
                raise CannotBeSigned("The credential cannot be signed.") from error
            raise
        except BaseError as error:
            raise CannotBeSigned("The credential cannot be signed.") from error
        used = V20CredExRecordAnonCreds(cred_ex_id=record.cred_ex_id, rev_reg_id=registry, cred_rev_id=index)
        return used, json.loads(credential)

    async def _signed_w3c(self, request: Json) -> Json:
        try:
            return await self._signer.signed(request["credential"])
        except Conflict as error:
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

    async def _message(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> V20CredOffer:
        parts = await self._parts(exchange, offer)
        return V20CredOffer(
            credential_preview=_preview(offer),
            formats=[named for named, _ in parts],
            offers_attach=[content for _, content in parts],
        )

    async def _parts(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> list[Attached]:
        """Each format's part of an offer."""
        parts: list[Attached] = []
        if CredentialFormat.ANONCREDS in offer.formats:
            parts.append(ANONCREDS.attach(ANONCREDS.offer, await self._anoncreds_offer(offer.credential)))
        if CredentialFormat.W3C in offer.formats:
            form = W3C[offer.data_model]
            parts.append(form.attach(form.offer, await self._w3c_detail(exchange, offer)))
        return parts

    async def _anoncreds_offer(self, credential: CredentialType) -> Json:
        with registry_may_be_down():
            definition = await self._definition(credential)
            made: Json = json.loads(await AnonCredsIssuer(self._profile).create_credential_offer(definition))
        return made

    async def _w3c_detail(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> Json:
        issuer, origin = await self._identity.did(), national_origin(await self._trust.operator())
        if issuer is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        credential = unsigned_credential(offer, identifier=exchange, issuer=issuer, origin=origin)
        require_meaning(credential, origin=origin, contexts=self._contexts)
        if offer.short_life is not None:
            credential = without_status(credential, offer.short_life)
        return detail(credential, offer.data_model)

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
        for used in details:
            if used.rev_reg_id and used.cred_rev_id:
                return StatusEntry(used.rev_reg_id, int(used.cred_rev_id))
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
    return _STATES.get(record.state, ExchangeState.ABSENT)


def _asked(record: V20CredExRecord) -> dict[Form, Json]:
    """What the wallet asked for in each form that we know; nothing before it did."""
    message: V20CredRequest | None = record.cred_request
    if message is None:
        return {}
    contents = {
        form: attached(form, message.formats, message.requests_attach) for form in forms_of(message.formats)
    }
    return {form: content for form, content in contents.items() if content is not None}


def _is_as_offered(record: V20CredExRecord) -> bool:
    """Whether the wallet asked for nothing else, in no other form."""
    asked, offer = _asked(record), record.cred_offer
    if not asked.keys() <= forms_of(offer.formats):
        return False
    return all(
        is_as_offered(content, attached(form, offer.formats, offer.offers_attach))
        for form, content in asked.items()
        if form is not ANONCREDS
    )


def _offered(record: V20CredExRecord) -> Claims | None:
    """The attributes of the offer's preview."""
    preview = record.cred_offer.credential_preview if record.cred_offer else None
    if preview is None:
        return None
    claims: dict[str, str] = preview.attr_dict(decode=False)
    return claims


def _preview(offer: CredentialOffer) -> V20CredPreview:
    """Every attribute of the AnonCreds form: the claims, and where the credential's status stands."""
    told = {**offer.claims, schemas.STATUS_ATTRIBUTE: " ".join(offer.status)}
    return V20CredPreview(
        attributes=[V20CredAttrSpec(name=name, value=value) for name, value in told.items()]
    )
