"""What hosts ask for (RFC 0454): shown to the person, and answered or declined on their word alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acapy_agent.anoncreds.holder import AnonCredsHolderError
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.messages.pres_problem_report import (
    ProblemReportReason,
    V20PresProblemReport,
)
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageNotFoundError

from wallet.holder.credentials import HeldCredentials
from wallet.holder.decisions import OneAtATime
from wallet.holder.problems import NoCredential, NotFound, NotPossible, Unavailable
from wallet.holder.registry import ObjectRefused
from wallet.holder.selection import Ask, Lack, Missing, Selection, asks_of, select
from wallet.holder.sharing import Shared, SharingDiary

ANONCREDS = V20PresFormat.Format.ANONCREDS


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """One request. `state` is RFC 0454's for the prover; `name` is the host's own words.

    Who agrees names the `digest`, so that nobody agrees to what they did not see: a host could send
    another request on the same thread meanwhile.
    """

    id: str
    connection_id: str | None
    state: str
    name: str | None
    comment: str | None
    asks: Sequence[Ask]
    digest: str
    error: str | None
    received_at: str


class PresentationRequests:
    """The requests that one wallet received."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._held = HeldCredentials(profile)
        self._diary = SharingDiary(profile)
        self._responder = profile.inject(BaseResponder)
        self._one_at_a_time = profile.inject(OneAtATime)

    async def all(
        self, *, state: str | None = None, connection_id: str | None = None
    ) -> list[PresentationRequest]:
        """Every request, the oldest first, or those that the filters name."""
        wanted = {"role": V20PresExRecord.ROLE_PROVER, "state": state, "connection_id": connection_id}
        async with self._profile.session() as session:
            records = await V20PresExRecord.query(
                session, post_filter_positive={name: value for name, value in wanted.items() if value}
            )
        ordered = sorted(records, key=lambda record: record.created_at)
        return [_request(record) for record in ordered if record.pres_request]

    async def one(self, identifier: str) -> PresentationRequest:
        """Raises `NotFound`."""
        return _request(await self._record(identifier))

    async def present(self, identifier: str, *, digest: str) -> PresentationRequest:
        """Share what is asked for, from credentials that hold now; the person saw the request of `digest`.

        Raises `NotFound`, `NotPossible`, `NoCredential` or `Unavailable`; nothing is sent then.
        """
        async with self._one_at_a_time:
            record = await self._record(identifier)
            _require_open(record)
            asked = _supported(record)
            if _digest(record) != digest:
                raise NotPossible("request_changed", "This request is not the one that you agreed to.")
            selection = select(asks_of(asked), await self._held.all())
            _require_all(selection.missing)
            await self._send(record, selection, asked)
        return await self.one(identifier)

    async def decline(self, identifier: str, comment: str | None) -> PresentationRequest:
        """Tell the host that the person does not share it. Raises `NotFound`, `NotPossible`."""
        async with self._one_at_a_time:
            record = await self._record(identifier)
            _require_open(record)
            sentence = "declined" + (f": {comment}" if comment else "")
            async with self._profile.session() as session:
                await record.save_error_state(session, reason=sentence)
            await self._responder.send(_refusal(sentence, record), connection_id=record.connection_id)
        return await self.one(identifier)

    async def _send(self, record: V20PresExRecord, selection: Selection, asked: Mapping[str, Any]) -> None:
        answer = {ANONCREDS.api: _answer(selection, asked)}
        try:
            record, presentation = await V20PresManager(self._profile).create_pres(record, answer)
        except ObjectRefused:
            raise
        except AnonCredsHolderError as error:
            raise NotPossible("cannot_present", "These credentials cannot be presented.") from error
        # Recorded before it is sent: nothing may be shared that the person cannot look up.
        await self._diary.note(Shared.of(record, selection, asks_of(asked)))
        await self._responder.send(presentation, connection_id=record.connection_id)

    async def _record(self, identifier: str) -> V20PresExRecord:
        try:
            async with self._profile.session() as session:
                record = await V20PresExRecord.retrieve_by_id(session, identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such request.") from error
        if record.role != V20PresExRecord.ROLE_PROVER or not record.pres_request:
            raise NotFound("There is no such request.")
        return record


def _require_open(record: V20PresExRecord) -> None:
    if record.state != V20PresExRecord.STATE_REQUEST_RECEIVED:
        raise NotPossible("not_open", f"This request is not open any more: it is {record.state}.")


def _supported(record: V20PresExRecord) -> Mapping[str, Any]:
    """The AnonCreds request, which must be all that is asked for, and ask for something."""
    asked = _anoncreds(record)
    if asked is None or len(record.pres_request.formats) != 1 or not asks_of(asked):
        raise NotPossible("unsupported_format", "This wallet cannot answer a request of this kind.")
    return asked


def _require_all(missing: Sequence[Missing]) -> None:
    if not missing:
        return
    details = [{"names": each.names, "reason": each.reason} for each in missing]
    reasons = {each.reason for each in missing}
    if Lack.NONE_HELD in reasons:
        raise NoCredential("You hold no credential that says what this host asks for.", details)
    if Lack.REVOKED in reasons:
        raise NoCredential("The credential that says it was revoked by who issued it.", details)
    raise Unavailable("registry_unavailable", "Nobody can say now whether your credentials still hold.")


def _answer(selection: Selection, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which credential answers which referent, in ACA-Py's form. Nothing is attested by the person alone."""
    chosen = {referent: credential.id for referent, credential in selection.chosen.items()}
    return {
        "self_attested_attributes": {},
        "requested_attributes": {
            referent: {"cred_id": chosen[referent], "revealed": True}
            for referent in asked["requested_attributes"]
        },
        "requested_predicates": {
            referent: {"cred_id": chosen[referent]} for referent in asked["requested_predicates"]
        },
    }


def _refusal(sentence: str, record: V20PresExRecord) -> V20PresProblemReport:
    # RFC 0454's own code: with any other, ACA-Py as verifier writes the person's comment into its log.
    description = {"code": ProblemReportReason.ABANDONED.value, "en": sentence}
    report = V20PresProblemReport(description=description)
    report.assign_thread_id(record.thread_id)
    return report


def _request(record: V20PresExRecord) -> PresentationRequest:
    asked = _anoncreds(record)
    return PresentationRequest(
        id=record.pres_ex_id,
        connection_id=record.connection_id,
        state=record.state,
        name=asked.get("name") if asked else None,
        comment=record.pres_request.comment,
        asks=asks_of(asked) if asked else (),
        digest=_digest(record),
        error=record.error_msg,
        received_at=str(record.created_at),
    )


def _anoncreds(record: V20PresExRecord) -> Mapping[str, Any] | None:
    known = [V20PresFormat.Format.get(each.format) for each in record.pres_request.formats]
    return record.pres_request.attachment(ANONCREDS) if ANONCREDS in known else None


def _digest(record: V20PresExRecord) -> str:
    text = json.dumps(record.pres_request.serialize(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
