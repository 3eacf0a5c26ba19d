"""Present-proof 2.0 (RFC 0454) by ACA-Py: the only file of this plugin that knows the protocol."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from acapy_agent.anoncreds.registry import AnonCredsRegistry
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

from agent.acapy_errors import registry_may_be_down
from agent.domain.credentials import CredentialType
from agent.domain.errors import NotFound, Unavailable
from agent.domain.ports.connections import ConnectionId
from agent.domain.ports.presentations import (
    AcceptedCredential,
    PresentationLookup,
    PresentationRequestId,
    Presentations,
    PresentationState,
    PresentedCredential,
    UnjudgedPresentation,
)
from agent.domain.ports.trust import TrustList
from agent.national_schemas import national_schema_ids
from agent.verifier.accepted_copies import AcceptedCopies
from agent.verifier.presentation_form import is_well_formed
from agent.verifier.presentation_requests import proof_request

LOGGER = logging.getLogger(__name__)
ANONCREDS = V20PresFormat.Format.ANONCREDS
_STATES = {
    V20PresExRecord.STATE_REQUEST_SENT: PresentationState.REQUESTED,
    V20PresExRecord.STATE_PRESENTATION_RECEIVED: PresentationState.PRESENTED,
    V20PresExRecord.STATE_DONE: PresentationState.VERIFIED,
    V20PresExRecord.STATE_ABANDONED: PresentationState.ABANDONED,
}


class AnonCredsPresentations(Presentations):
    """AnonCreds presentations. ACA-Py's record has our request id as its own."""

    def __init__(self, profile: Profile, trust: TrustList) -> None:
        self._profile = profile
        self._trust = trust

    async def request(
        self,
        request: PresentationRequestId,
        of: ConnectionId,
        types: tuple[CredentialType, ...],
        purpose: str,
    ) -> None:
        """Make the record under our id, then send. Verifying waits for our word."""
        schema_ids = national_schema_ids(await self._trust.operator())
        message = _message(proof_request(types, schema_ids, purpose=purpose, at=int(time.time())), purpose)
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
        """Look at the presentation's form, let ACA-Py verify the proofs, then read what they prove.

        What is judged is kept as a copy of our own: ACA-Py lets a later message on the same thread replace
        the presentation in its record, whatever state that is in.
        """
        record = await self._record(request)
        if not is_well_formed(_attachment(record.pres), _attachment(record.pres_request)):
            return UnjudgedPresentation(proofs_hold=False, credentials=())
        read = await self._read(await self._verified(record))
        await AcceptedCopies(self._profile).keep(request, read)
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

    async def _verified(self, record: V20PresExRecord) -> V20PresExRecord:
        """Verify with what the registry says; a proof that cannot even be read does not hold."""
        try:
            with registry_may_be_down():
                verified: V20PresExRecord = await V20PresManager(self._profile).verify_pres(record)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # a stranger's proof may break its reader in any way
            LOGGER.warning("A presentation could not be read: %s", type(error).__qualname__)
            record.verified = "false"
            return record
        return verified

    async def _read(self, record: V20PresExRecord) -> UnjudgedPresentation:
        if record.verified != "true":
            return UnjudgedPresentation(proofs_hold=False, credentials=())
        asked_at = _attachment(record.pres_request)["non_revoked"]["to"]
        credentials = [
            PresentedCredential(
                credential=one.credential,
                schema_id=one.identifier["schema_id"],
                issuer_did=one.issuer_did,
                claims=one.claims,
                proven_unrevoked=await self._proven_unrevoked(one.identifier, asked_at),
            )
            for one in _shown(record)
        ]
        return UnjudgedPresentation(proofs_hold=True, credentials=tuple(credentials))

    async def _proven_unrevoked(self, identifier: dict[str, Any], asked_at: int) -> bool:
        """Whether the wallet proved against the newest list of the registry that its credential is in.

        The proof itself was verified; but which registry and which list it speaks of is the wallet's choice.
        It may prefer an older list, or a copy of the registry under a DID of its own. Raises `Unavailable`,
        code `status_moved`, when a newer list came since we asked: the question must be put again.
        """
        registry, proven_at = identifier.get("rev_reg_id"), identifier.get("timestamp")
        if not registry or not proven_at:
            return False
        lists = self._profile.inject(AnonCredsRegistry)
        with registry_may_be_down():
            found = await lists.get_revocation_registry_definition(self._profile, registry)
            if found.revocation_registry.cred_def_id != identifier["cred_def_id"]:
                return False
            asked = await lists.get_revocation_list(self._profile, registry, timestamp_to=asked_at)
            proven = await lists.get_revocation_list(self._profile, registry, timestamp_to=proven_at)
            newest = await lists.get_revocation_list(self._profile, registry)
        proven_list = proven.revocation_list.timestamp
        if proven_list == newest.revocation_list.timestamp:
            return True
        if proven_list == asked.revocation_list.timestamp:
            raise Unavailable("Revocations came while the wallet answered; ask again.", code="status_moved")
        return False

    async def _record(self, request: PresentationRequestId) -> V20PresExRecord:
        try:
            async with self._profile.session() as session:
                return await V20PresExRecord.retrieve_by_id(session, request)
        except StorageNotFoundError as error:
            raise NotFound("There is no such presentation exchange.") from error

    @property
    def _responder(self) -> BaseResponder:
        return self._profile.inject(BaseResponder)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One group of revealed attributes, with the identifiers of the credential that it comes from."""

    credential: CredentialType
    claims: dict[str, str]
    identifier: dict[str, Any]

    @property
    def issuer_did(self) -> str:
        """The DID under which the credential definition was published."""
        return str(self.identifier["cred_def_id"]).partition("/")[0]


def _shown(record: V20PresExRecord) -> list[_Shown]:
    """The groups that were asked for and revealed; what was not asked is not read."""
    proof, asked = _attachment(record.pres), _attachment(record.pres_request)["requested_attributes"]
    groups: dict[str, Any] = proof["requested_proof"].get("revealed_attr_groups", {})
    return [
        _Shown(
            CredentialType(name),
            _in_order(wanted["names"], groups[name]["values"]),
            proof["identifiers"][groups[name]["sub_proof_index"]],
        )
        for name, wanted in asked.items()
        if name in groups
    ]


def _in_order(names: list[str], values: dict[str, Any]) -> dict[str, str]:
    """The revealed claims, in the order in which their definition lists them."""
    return {name: values[name]["raw"] for name in names if name in values}


def _attachment(message: V20Pres | V20PresRequest | None) -> dict[str, Any]:
    if message is None:
        raise NotFound("Nothing was presented.")
    content: dict[str, Any] = message.attachment(ANONCREDS) or {}
    return content


def _message(asked: dict[str, Any], purpose: str) -> V20PresRequest:
    api = ANONCREDS.api
    return V20PresRequest(
        comment=purpose,
        will_confirm=True,
        formats=[V20PresFormat(attach_id=api, format_=ATTACHMENT_FORMAT[PRES_20_REQUEST][api])],
        request_presentations_attach=[AttachDecorator.data_base64(asked, ident=api)],
    )
