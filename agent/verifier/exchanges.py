"""Present-proof 2.0 (RFC 0454) by ACA-Py: the only file of this plugin that knows the protocol."""

import time
from datetime import datetime
from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0.message_types import (
    ATTACHMENT_FORMAT,
    PRES_20,
    PRES_20_ACK,
    PRES_20_REQUEST,
)
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.messages.pres_problem_report import (
    ProblemReportReason,
    V20PresProblemReport,
)

from agent import didcomm
from agent.didcomm import JsonMessage
from agent.domain.credentials import CredentialFormat, CredentialType
from agent.domain.errors import Conflict, NotFound
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
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
from agent.national_schemas import national_origin
from agent.verifier.accepted_copies import AcceptedCopies
from agent.verifier.anoncreds_proofs import AnonCredsProofs
from agent.verifier.exchange_records import (
    ABANDONED,
    DONE,
    PRESENTED,
    REQUESTED,
    PresentationExchangeRecord,
)
from agent.verifier.presentation_requests import dif_request, proof_request
from agent.verifier.signed_requests import SignedRequests
from agent.verifier.w3c_proofs import Expected, W3cProofs
from signed_documents.identifiers import WebvhDid
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader

type Json = dict[str, Any]
_ASKED, _SHOWN = "request_presentations~attach", "presentations~attach"
_ACAPYS = {
    CredentialFormat.ANONCREDS: V20PresFormat.Format.ANONCREDS.api,
    CredentialFormat.W3C: V20PresFormat.Format.DIF.api,
}
_STATES = {
    REQUESTED: PresentationState.REQUESTED,
    PRESENTED: PresentationState.PRESENTED,
    DONE: PresentationState.VERIFIED,
    ABANDONED: PresentationState.ABANDONED,
}


class AcaPyPresentations(Presentations):
    """Presentations in both formats. ACA-Py's record has our request id as its own."""

    def __init__(
        self,
        profile: Profile,
        identity: OrganisationIdentity,
        trust: TrustList,
        objects: AnonCredsObjects,
        reader: WebvhReader,
        contexts: PinnedContexts,
        signed: SignedRequests,
    ) -> None:
        self._profile = profile
        self._signed = signed
        self._identity = identity
        self._trust = trust
        self._objects = objects
        self._anoncreds = AnonCredsProofs(profile, objects)
        self._w3c = W3cProofs(reader, contexts, trust)

    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        formats: frozenset[CredentialFormat],
        purpose: str,
        *,
        until: datetime,
    ) -> None:
        """Make the record under our id, then send. Verifying waits for our word."""
        asked = await self._asked(types, formats, purpose)
        message = JsonMessage.new(
            PRES_20_REQUEST, {"comment": purpose, "will_confirm": True, **_asking(asked)}
        )
        on_the_wire = {_named_on_the_wire(each): content for each, content in asked.items()}
        await self._signed.sign(message, on_the_wire, of, until=until)
        async with self._profile.session() as session:
            await PresentationExchangeRecord.requested(request, of, message).insert(session)
        await self._responder.send(message, connection_id=of)

    async def look_up(self, request: PresentationRequestId) -> PresentationLookup:
        """The record's state."""
        try:
            record = await self._record(request)
        except NotFound:
            return PresentationLookup(PresentationState.ABSENT)
        return PresentationLookup(_STATES.get(record.state, PresentationState.ABSENT), record.note)

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
            await record.update(session, state=ABANDONED)
        words = f"An answer is no longer awaited: {code}"
        report = V20PresProblemReport(description={"code": ProblemReportReason.ABANDONED.value, "en": words})
        report.assign_thread_id(record.thread)
        await self._responder.send(report, connection_id=record.connection)

    async def erase(self, request: PresentationRequestId) -> None:
        """The record, and the copy of what was judged."""
        await AcceptedCopies(self._profile).erase(request)
        async with self._profile.session() as session:
            await PresentationExchangeRecord.erase(session, request)

    async def _asked(
        self, types: tuple[CredentialType, ...], formats: frozenset[CredentialFormat], purpose: str
    ) -> dict[CredentialFormat, Json]:
        operator = await self._trust.operator()
        asked: dict[CredentialFormat, Json] = {}
        if CredentialFormat.ANONCREDS in formats:
            asked[CredentialFormat.ANONCREDS] = proof_request(
                types, await self._objects.national_schemas(), purpose=purpose, at=int(time.time())
            )
        if CredentialFormat.W3C in formats:
            asked[CredentialFormat.W3C] = dif_request(
                types, origin=national_origin(operator), domain=await self._domain(), purpose=purpose
            )
        return asked

    async def _domain(self) -> str:
        """Who asks, as it stands in the proof of a W3C presentation: where our DID lives."""
        did = await self._identity.did()
        if did is None:
            raise Conflict("The organisation has no DID yet.", code="no_did")
        return WebvhDid.parse(did).base_url

    async def _checked(self, record: PresentationExchangeRecord) -> UnjudgedPresentation:
        asked, shown = _contents(record.request), _contents(record.presentation)
        if not shown or not _declared(record.presentation) <= asked.keys():
            return UnjudgedPresentation(ProofFault.INVALID, ())
        credentials: list[PresentedCredential] = []
        for each in sorted(shown):
            read = await self._checked_in(each, shown[each], asked[each])
            if read.fault is not None:
                return read
            credentials += read.credentials
        return UnjudgedPresentation(None, tuple(credentials))

    async def _checked_in(self, each: CredentialFormat, shown: Json, asked: Json) -> UnjudgedPresentation:
        if each is CredentialFormat.ANONCREDS:
            return await self._anoncreds.check(shown, asked)
        return await self._w3c.check(shown, await self._expected(asked))

    async def _expected(self, asked: Json) -> Expected:
        operator, options = await self._trust.operator(), asked["options"]
        descriptors = asked["presentation_definition"]["input_descriptors"]
        return Expected(
            types=tuple(CredentialType(each["name"]) for each in descriptors),
            challenge=options["challenge"],
            domain=options["domain"],
            origin=national_origin(operator),
            schema_ids=await self._objects.national_schemas(),
        )

    async def _confirm(self, record: PresentationExchangeRecord, read: UnjudgedPresentation) -> None:
        """End the exchange, and tell the wallet that its presentation arrived and was looked at."""
        verified = "true" if read.fault is None else "false"
        async with self._profile.session() as session:
            await record.update(session, verified=verified, state=DONE)
        told = {"status": "OK", "verification_result": verified}
        message = JsonMessage.new(PRES_20_ACK, told, thread=record.thread)
        await self._responder.send_reply(message, connection_id=record.connection)

    async def _record(self, request: PresentationRequestId) -> PresentationExchangeRecord:
        async with self._profile.session() as session:
            return await PresentationExchangeRecord.load(session, request)

    @property
    def _responder(self) -> BaseResponder:
        return self._profile.inject(BaseResponder)


def _asking(asked: dict[CredentialFormat, Json]) -> Json:
    """The members of a request that ask in each of these formats."""
    return {
        "formats": [{"attach_id": each, "format": _named_on_the_wire(each)} for each in asked],
        _ASKED: [didcomm.attachment(each, content) for each, content in asked.items()],
    }


def _named_on_the_wire(each: CredentialFormat) -> str:
    return ATTACHMENT_FORMAT[PRES_20_REQUEST][_ACAPYS[each]]


def _declared(message: Json) -> set[CredentialFormat]:
    """The formats of ours that a message says it has."""
    return {form for form in CredentialFormat if _identifiers(message, form)}


def _contents(message: Json) -> dict[CredentialFormat, Json]:
    """What a message says in each format; one that it declares and that cannot be read is an empty object."""
    attachments = next((message[name] for name in (_ASKED, _SHOWN) if name in message), None)
    return {
        form: didcomm.attached(_identifiers(message, form), attachments) or {}
        for form in CredentialFormat
        if form in _declared(message)
    }


def _identifiers(message: Json, form: CredentialFormat) -> list[str]:
    named = message.get("formats")
    names = {ATTACHMENT_FORMAT[kind][_ACAPYS[form]] for kind in (PRES_20_REQUEST, PRES_20)}
    listed = [each for each in named if isinstance(each, dict)] if isinstance(named, list) else []
    return [str(each.get("attach_id")) for each in listed if each.get("format") in names]
