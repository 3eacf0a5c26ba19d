"""Present-proof 2.0 (RFC 0454) by ACA-Py: the only file of this plugin that knows the protocol."""

import time
from collections.abc import Iterable
from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0 import problem_report_for_record
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.message_types import ATTACHMENT_FORMAT, PRES_20_REQUEST
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.messages.pres_request import V20PresRequest
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageNotFoundError

from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.presentations import (
    AcceptedCredential,
    PresentationLookup,
    PresentationRequestId,
    Presentations,
    PresentationState,
    PresentedCredential,
    ProofFault,
    UnjudgedPresentation,
)
from agent.domain.ports.trust import TrustList
from agent.national_schemas import national_origin, national_schema_ids
from agent.verifier.accepted_copies import AcceptedCopies
from agent.verifier.anoncreds_proofs import AnonCredsProofs
from agent.verifier.presentation_requests import dif_request, proof_request
from agent.verifier.w3c_proofs import Expected, W3cProofs
from signed_documents.identifiers import WebvhDid
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader

type Json = dict[str, Any]
_FORMATS = {
    CredentialFormat.ANONCREDS: V20PresFormat.Format.ANONCREDS,
    CredentialFormat.W3C: V20PresFormat.Format.DIF,
}
_STATES = {
    V20PresExRecord.STATE_REQUEST_SENT: PresentationState.REQUESTED,
    V20PresExRecord.STATE_PRESENTATION_RECEIVED: PresentationState.PRESENTED,
    V20PresExRecord.STATE_DONE: PresentationState.VERIFIED,
    V20PresExRecord.STATE_ABANDONED: PresentationState.ABANDONED,
}


class AcaPyPresentations(Presentations):
    """Presentations in both formats. ACA-Py's record has our request id as its own."""

    def __init__(
        self,
        profile: Profile,
        identity: OrganisationIdentity,
        trust: TrustList,
        reader: WebvhReader,
        contexts: PinnedContexts,
    ) -> None:
        self._profile = profile
        self._identity = identity
        self._trust = trust
        self._anoncreds = AnonCredsProofs(profile, reader)
        self._w3c = W3cProofs(reader, contexts, trust)

    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        formats: frozenset[CredentialFormat],
        purpose: str,
    ) -> None:
        """Make the record under our id, then send. Verifying waits for our word."""
        message = _message(await self._asked(types, formats, purpose), purpose)
        record = V20PresExRecord(
            pres_ex_id=request,
            new_with_id=True,
            connection_id=of,
            thread_id=message._thread_id,  # noqa: SLF001  # ACA-Py's own managers read it so
            initiator=V20PresExRecord.INITIATOR_SELF,
            role=V20PresExRecord.ROLE_VERIFIER,
            state=V20PresExRecord.STATE_REQUEST_SENT,
            pres_request=message,
            auto_verify=False,
            auto_remove=False,
        )
        async with self._profile.session() as session:
            await record.save(session, reason="ask for a presentation")
        await self._responder.send(message, connection_id=of)

    async def look_up(self, request: PresentationRequestId) -> PresentationLookup:
        """The record's state."""
        try:
            record = await self._record(request)
        except NotFound:
            return PresentationLookup(PresentationState.ABSENT)
        return PresentationLookup(_STATES.get(record.state, PresentationState.ABSENT), record.error_msg)

    async def check(self, request: PresentationRequestId) -> UnjudgedPresentation:
        """Check each format that was presented; one that does not hold spoils the whole.

        What is judged is kept as a copy of our own: ACA-Py's record is not a place that nobody else writes.
        """
        record = await self._record(request)
        read = await self._checked(record)
        await AcceptedCopies(self._profile).keep(request, read)
        await self._confirm(record, read)
        return read

    async def presented(self, request: PresentationRequestId) -> tuple[AcceptedCredential, ...]:
        """The copy that was made when it was judged."""
        return await AcceptedCopies(self._profile).read(request)

    async def abandon(self, request: PresentationRequestId, code: str) -> None:
        """Abandon the record, and tell the wallet by a problem report."""
        try:
            record = await self._record(request)
        except NotFound:
            return
        async with self._profile.session() as session:
            record.state = V20PresExRecord.STATE_ABANDONED
            await record.save(session, reason="no answer is awaited any more")
        report = problem_report_for_record(record, f"An answer is no longer awaited: {code}")
        await self._responder.send(report, connection_id=record.connection_id)

    async def _asked(
        self, types: tuple[CredentialType, ...], formats: frozenset[CredentialFormat], purpose: str
    ) -> dict[V20PresFormat.Format, Json]:
        operator = await self._trust.operator()
        asked: dict[V20PresFormat.Format, Json] = {}
        if CredentialFormat.ANONCREDS in formats:
            asked[V20PresFormat.Format.ANONCREDS] = proof_request(
                types, national_schema_ids(operator), purpose=purpose, at=int(time.time())
            )
        if CredentialFormat.W3C in formats:
            asked[V20PresFormat.Format.DIF] = dif_request(
                types, origin=national_origin(operator), domain=await self._domain(), purpose=purpose
            )
        return asked

    async def _domain(self) -> str:
        """Who asks, as it stands in the proof of a W3C presentation: where our DID lives."""
        did = await self._identity.did()
        if did is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return WebvhDid.parse(did).base_url

    async def _checked(self, record: V20PresExRecord) -> UnjudgedPresentation:
        presented = _formats(record.pres)
        if not presented or not presented <= _formats(record.pres_request):
            return UnjudgedPresentation(ProofFault.INVALID, ())
        credentials: list[PresentedCredential] = []
        for each in sorted(presented):
            read = await self._checked_in(each, record)
            if read.fault is not None:
                return read
            credentials += read.credentials
        return UnjudgedPresentation(None, tuple(credentials))

    async def _checked_in(self, each: CredentialFormat, record: V20PresExRecord) -> UnjudgedPresentation:
        asked: Json = record.pres_request.attachment(_FORMATS[each]) or {}
        try:
            shown: Json = record.pres.attachment(_FORMATS[each]) or {}
        except Exception:  # noqa: BLE001  # a stranger's attachment may be no attachment at all
            return UnjudgedPresentation(ProofFault.INVALID, ())
        if each is CredentialFormat.ANONCREDS:
            return await self._anoncreds.check(record, shown, asked)
        return await self._w3c.check(shown, await self._expected(asked))

    async def _expected(self, asked: Json) -> Expected:
        operator, options = await self._trust.operator(), asked["options"]
        descriptors = asked["presentation_definition"]["input_descriptors"]
        return Expected(
            types=tuple(CredentialType(each["name"]) for each in descriptors),
            challenge=options["challenge"],
            domain=options["domain"],
            origin=national_origin(operator),
            schema_ids=national_schema_ids(operator),
        )

    async def _confirm(self, record: V20PresExRecord, read: UnjudgedPresentation) -> None:
        """End the exchange, and tell the wallet that its presentation arrived and was looked at."""
        record.verified = "true" if read.fault is None else "false"
        record.state = V20PresExRecord.STATE_DONE
        async with self._profile.session() as session:
            await record.save(session, reason="the presentation was checked")
        await V20PresManager(self._profile).send_pres_ack(record)

    async def _record(self, request: PresentationRequestId) -> V20PresExRecord:
        try:
            async with self._profile.session() as session:
                return await V20PresExRecord.retrieve_by_id(session, request)
        except StorageNotFoundError as error:
            raise NotFound("There is no such presentation exchange.") from error

    @property
    def _responder(self) -> BaseResponder:
        return self._profile.inject(BaseResponder)


def _formats(message: V20Pres | V20PresRequest | None) -> frozenset[CredentialFormat]:
    """The formats of ours that a message has."""
    if message is None:
        return frozenset()
    known = {V20PresFormat.Format.get(each.format) for each in message.formats}
    return frozenset(ours for ours, acapys in _FORMATS.items() if acapys in known)


def _message(asked: dict[V20PresFormat.Format, Json], purpose: str) -> V20PresRequest:
    return V20PresRequest(
        comment=purpose,
        will_confirm=True,
        formats=_declared(asked),
        request_presentations_attach=[
            AttachDecorator.data_base64(content, ident=each.api) for each, content in asked.items()
        ],
    )


def _declared(formats: Iterable[V20PresFormat.Format]) -> list[V20PresFormat]:
    return [
        V20PresFormat(attach_id=each.api, format_=ATTACHMENT_FORMAT[PRES_20_REQUEST][each.api])
        for each in formats
    ]
