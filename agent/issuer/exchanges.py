"""Issue-credential 2.0 (RFC 0453), with `exchange_records`, `messages` and `attachments` beside it.

What is AnonCreds' is made by ACA-Py; the W3C form is ours, signed by the identity.
"""

import asyncio
import json
from typing import Any

from acapy_agent.anoncreds.issuer import AnonCredsIssuer
from acapy_agent.anoncreds.models.revocation import RevList, RevListState
from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.anoncreds.revocation import AnonCredsRevocation
from acapy_agent.core.error import BaseError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.didcomm_prefix import DIDCommPrefix
from acapy_agent.protocols.issue_credential.v2_0.message_types import (
    CRED_20_ISSUE,
    CRED_20_OFFER,
    CRED_20_PREVIEW,
)
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_problem_report import (
    ProblemReportReason,
    V20CredProblemReport,
)
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds

import schemas
from agent.acapy_errors import registry_may_be_down
from agent.didcomm import JsonMessage
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
    Form,
    contents,
    detail,
    is_as_offered,
    issuing,
    offering,
    subject_of,
)
from agent.issuer.exchange_records import (
    ABANDONED,
    DONE,
    ISSUED,
    OFFERED,
    REQUESTED,
    CredentialExchangeRecord,
)
from agent.issuer.short_lived_form import read_proposal, without_status
from agent.issuer.w3c_credentials import require_meaning, unsigned_credential
from agent.national_schemas import national_origin
from signed_documents.linked_data_proofs import PinnedContexts

type Json = dict[str, Any]
_LOOKS = 40
_LOOK_SECONDS = 0.25
_STATES = {
    OFFERED: ExchangeState.OFFERED,
    REQUESTED: ExchangeState.REQUESTED,
    ISSUED: ExchangeState.ISSUED,
    DONE: ExchangeState.DONE,
    ABANDONED: ExchangeState.ABANDONED,
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
        message = JsonMessage.new(CRED_20_OFFER, await self._offering(exchange, offer))
        async with self._profile.session() as session:
            await CredentialExchangeRecord.offered(exchange, to, message).insert(session)
        await self._responder.send(message, connection_id=to)

    async def proposed(self, exchange: CredentialExchangeId) -> CredentialProposal:
        """Read the proposal, whose form ACA-Py has checked, and whose words are the wallet's."""
        record = await self._record(exchange)
        wanted = contents(record.proposal).get(W3C[W3cDataModel.V1_1])
        return read_proposal(ConnectionId(record.connection), wanted)

    async def answer(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> None:
        """Make the offer in the proposal's record, and send it on its thread. Issuing waits for our word."""
        record = await self._record(exchange)
        message = JsonMessage.new(CRED_20_OFFER, await self._offering(exchange, offer), thread=record.thread)
        answered = CredentialExchangeRecord.offered(exchange, record.connection, message)
        async with self._profile.session() as session:
            await record.update(session, **answered.value)
        await self._responder.send_reply(message, connection_id=record.connection)

    async def look_up(self, exchange: CredentialExchangeId) -> Exchange:
        """All that the record says."""
        try:
            record = await self._record(exchange)
        except NotFound:
            return Exchange(ExchangeState.ABSENT)
        asked, offered = contents(record.request), contents(record.offer)
        in_w3c = [form for form in asked if form is not ANONCREDS]
        return Exchange(
            _STATES.get(record.state, ExchangeState.ABSENT),
            note=record.note,
            requested=frozenset(form.format for form in asked),
            subject=next((subject_of(asked[form]) for form in in_w3c), None),
            as_offered=asked.keys() <= offered.keys()
            and all(is_as_offered(asked[form], offered[form]) for form in in_w3c),
            offered=_previewed(record.offer),
        )

    async def sign(self, exchange: CredentialExchangeId, *, subject: str | None) -> StatusEntry | None:
        """Sign; after a crash in between, find what was signed instead of signing again."""
        record = await self._record(exchange)
        if record.state == REQUESTED:
            return await self._issue(record, subject)
        return await self._status_entry(exchange)

    async def _issue(self, record: CredentialExchangeRecord, subject: str | None) -> StatusEntry | None:
        """Sign in every form that was asked for. The AnonCreds entry used up is kept with what is signed."""
        asked = contents(record.request)
        in_w3c = {form: content for form, content in asked.items() if form is not ANONCREDS}
        if not asked or any(subject_of(content) != subject for content in in_w3c.values()):
            raise CannotBeSigned("This is not the request that was judged.")
        signed = {form: await self._signed_w3c(content) for form, content in in_w3c.items()}
        entry: StatusEntry | None = None
        if ANONCREDS in asked:  # last: it uses up a status entry
            signed[ANONCREDS], entry = await self._signed_anoncreds(record, asked[ANONCREDS])
        message = JsonMessage.new(CRED_20_ISSUE, issuing(signed), thread=record.thread)
        async with self._profile.transaction() as transaction:
            if entry is not None:
                await _used_up(record.id, entry).save(transaction, reason="a status entry is used up")
            await record.update(transaction, cred_issue=message.content, state=ISSUED)
            await transaction.commit()
        return entry

    async def _signed_anoncreds(
        self, record: CredentialExchangeRecord, request: Json
    ) -> tuple[Json, StatusEntry | None]:
        """Sign by ACA-Py. Whatever fails but the registry is wrong with the request."""
        offer = contents(record.offer)[ANONCREDS]
        claims = dict(_previewed(record.offer) or {})
        try:
            with registry_may_be_down():
                credential, index, registry = await AnonCredsRevocation(self._profile).create_credential(
                    offer, request, claims
                )
        except Unavailable as error:
            if error.code == "signing_unavailable":
                raise CannotBeSigned("The credential cannot be signed.") from error
            raise
        except BaseError as error:
            raise CannotBeSigned("The credential cannot be signed.") from error
        entry = StatusEntry(registry, int(index)) if registry and index else None
        return json.loads(credential), entry

    async def _signed_w3c(self, request: Json) -> Json:
        try:
            return await self._signer.signed(request["credential"])
        except Conflict as error:
            raise CannotBeSigned("The credential cannot be signed.") from error

    async def send(self, exchange: CredentialExchangeId) -> None:
        """Send the credential once it is signed, the offer until then, on the exchange's thread."""
        record = await self._record(exchange)
        message = {**(record.issued or record.offer), "~thread": {"thid": record.thread}}
        await self._responder.send_reply(JsonMessage(message), connection_id=record.connection)

    async def withdraw(self, exchange: CredentialExchangeId, code: str) -> None:
        """Abandon the record, and tell the wallet by a problem report."""
        try:
            record = await self._record(exchange)
        except NotFound:
            return
        async with self._profile.session() as session:
            await record.update(session, state=ABANDONED)
        words = f"The offer was withdrawn: {code}"
        report = V20CredProblemReport(
            description={"code": ProblemReportReason.ISSUANCE_ABANDONED.value, "en": words}
        )
        report.assign_thread_id(record.thread)
        await self._responder.send(report, connection_id=record.connection)

    async def erase(self, exchange: CredentialExchangeId) -> None:
        """The record holds every claim that was offered."""
        async with self._profile.session() as session:
            await CredentialExchangeRecord.erase(session, exchange)

    async def revoke(self, entry: StatusEntry) -> None:
        """Revoke and publish; then read the published list as a stranger would, to be sure."""
        published = await self._published(entry.registry)
        if published.revocation_list[entry.index]:
            return
        with registry_may_be_down():
            tries = await self._publish_revocation(entry, published)
        if not await self._is_seen(entry, tries):
            raise Unavailable("The revocation is not published yet.", code="revocation_not_published")

    async def _publish_revocation(self, entry: StatusEntry, published: RevList) -> int:
        """Revoke in the wallet, then publish what the wallet's list says and the published one does not.

        How often to look for it: once, or for a while where somebody else has to sign it first.

        ACA-Py's own `RevocationManager` takes a publication that failed for one that succeeded, and forgets
        what it was to say.
        """
        revocation = AnonCredsRevocation(self._profile)
        result = await revocation.revoke_pending_credentials(entry.registry, additional_crids=[entry.index])
        current = result.curr or await revocation.get_created_revocation_list(entry.registry)
        registry = await revocation.get_created_revocation_registry_definition(entry.registry)
        if current is None or registry is None:
            raise Unavailable("The revocation registry is not in this wallet.", code="signing_unavailable")
        made = await self._profile.inject(AnonCredsRegistry).update_revocation_list(
            self._profile, registry, published, current, _unpublished(current, published)
        )
        return _LOOKS if made.revocation_list_state.state == RevListState.STATE_WAIT else 1

    async def _is_seen(self, entry: StatusEntry, tries: int) -> bool:
        for _ in range(tries - 1):
            if (await self._published(entry.registry)).revocation_list[entry.index]:
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return bool((await self._published(entry.registry)).revocation_list[entry.index])

    async def _published(self, registry: str) -> RevList:
        with registry_may_be_down():
            answer = await self._profile.inject(AnonCredsRegistry).get_revocation_list(
                self._profile, registry
            )
        return answer.revocation_list

    async def _offering(self, exchange: CredentialExchangeId, offer: CredentialOffer) -> Json:
        """What an offer says: to people by its preview, to wallets in each format."""
        parts: dict[Form, Json] = {}
        if CredentialFormat.ANONCREDS in offer.formats:
            parts[ANONCREDS] = await self._anoncreds_offer(offer.credential)
        if CredentialFormat.W3C in offer.formats:
            parts[W3C[offer.data_model]] = await self._w3c_detail(exchange, offer)
        return {"credential_preview": _preview(offer), **offering(parts)}

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

    async def _record(self, exchange: CredentialExchangeId) -> CredentialExchangeRecord:
        async with self._profile.session() as session:
            return await CredentialExchangeRecord.load(session, exchange)

    @property
    def _responder(self) -> BaseResponder:
        return self._profile.inject(BaseResponder)


def _unpublished(current: RevList, published: RevList) -> list[int]:
    """The indices that `current` says are revoked, and `published` does not.

    A ledger's list is read with one entry more than a registry has credentials.
    """
    both = enumerate(zip(current.revocation_list, published.revocation_list, strict=False))
    return [index for index, (now, before) in both if now and not before]


def _used_up(exchange: str, entry: StatusEntry) -> V20CredExRecordAnonCreds:
    return V20CredExRecordAnonCreds(
        cred_ex_id=exchange, rev_reg_id=entry.registry, cred_rev_id=str(entry.index)
    )


def _preview(offer: CredentialOffer) -> Json:
    """Every attribute of the AnonCreds form: the claims, and where the credential's status stands."""
    told = {**offer.claims, schemas.STATUS_ATTRIBUTE: " ".join(offer.status)}
    return {
        "@type": DIDCommPrefix.qualify_current(CRED_20_PREVIEW),
        "attributes": [{"name": name, "value": value} for name, value in told.items()],
    }


def _previewed(offer: Json) -> Claims | None:
    """The attributes of an offer's preview; None when there is no offer."""
    if "credential_preview" not in offer:
        return None
    return {each["name"]: each["value"] for each in offer["credential_preview"]["attributes"]}
