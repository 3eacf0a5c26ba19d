"""What hosts ask for (RFC 0454): shown to the person, and answered or declined on their word alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from acapy_agent.anoncreds.holder import AnonCredsHolderError
from acapy_agent.connections.models.conn_record import ConnRecord
from acapy_agent.core.profile import Profile
from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.present_proof.v2_0.manager import V20PresManager
from acapy_agent.protocols.present_proof.v2_0.message_types import ATTACHMENT_FORMAT, PRES_20
from acapy_agent.protocols.present_proof.v2_0.messages.pres import V20Pres
from acapy_agent.protocols.present_proof.v2_0.messages.pres_format import V20PresFormat
from acapy_agent.protocols.present_proof.v2_0.messages.pres_problem_report import (
    ProblemReportReason,
    V20PresProblemReport,
)
from acapy_agent.protocols.present_proof.v2_0.messages.pres_request import V20PresRequest
from acapy_agent.protocols.present_proof.v2_0.models.pres_exchange import V20PresExRecord
from acapy_agent.storage.error import StorageNotFoundError

from signed_documents.errors import DocumentRefused
from signed_documents.host_statements import HOST, Ends
from wallet.holder.credentials import Format, HeldCredential, HeldCredentials
from wallet.holder.decisions import OneAtATime
from wallet.holder.hosts import NOT_REGISTERED, UNPROVEN, Asked, Host, Hosts
from wallet.holder.problems import NoCredential, NotFound, NotPossible, Unavailable
from wallet.holder.registry import ObjectRefused
from wallet.holder.selection import (
    Ask,
    Lack,
    Missing,
    Selection,
    asks_of,
    asks_of_definition,
    select,
    select_w3c,
)
from wallet.holder.sharing import Shared, SharingDiary
from wallet.holder.w3c_credentials import W3cCredentials, proof_types_of

ANONCREDS = V20PresFormat.Format.ANONCREDS
DIF = V20PresFormat.Format.DIF
_ACAPYS = {Format.ANONCREDS: ANONCREDS, Format.W3C: DIF}


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """One request. `state` is RFC 0454's for the prover; `name` is the host's own words.

    `host` is looked at while the request is open; who it was that something was shared with, the diary tells.

    Who agrees names the `digest`, so that nobody agrees to what they did not see: a host could send
    another request on the same thread meanwhile.
    """

    id: str
    connection_id: str | None
    state: str
    formats: Sequence[Format]
    name: str | None
    comment: str | None
    asks: Sequence[Ask]
    digest: str
    host: Host | None
    error: str | None
    received_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What would answer a request now: in which form, and from which credentials."""

    form: Format
    asks: Sequence[Ask]
    selection: Selection


class PresentationRequests:
    """The requests that one wallet received."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._held = HeldCredentials(profile)
        self._w3c = W3cCredentials(profile)
        self._diary = SharingDiary(profile)
        self._responder = profile.inject(BaseResponder)
        self._one_at_a_time = profile.inject(OneAtATime)
        self._hosts = profile.inject(Hosts)

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
        return [await self._shown(record) for record in ordered if record.pres_request]

    async def one(self, identifier: str) -> PresentationRequest:
        """Raises `NotFound`."""
        return await self._shown(await self._record(identifier))

    async def answer(self, identifier: str) -> Answer:
        """What the host would see if the person agreed now; nothing is sent. Raises as `present` does."""
        record = await self._record(identifier)
        _require_open(record)
        return await self._answer(record, await self._host(record), _answerable(record))

    async def present(
        self, identifier: str, *, digest: str, form: Format | None = None
    ) -> PresentationRequest:
        """Share what is asked for; the person saw the request of `digest`.

        In `form`; when nothing is said, in W3C's if the host takes that and the wallet has all of it, or else
        in AnonCreds, from credentials that hold now, to a host that is registered and may ask for them.
        Raises `NotFound`, `NotPossible`, `NoCredential` or `Unavailable`; nothing is sent then.
        """
        async with self._one_at_a_time:
            record = await self._record(identifier)
            _require_open(record)
            answerable = _answerable(record)
            if _digest(record) != digest:
                raise NotPossible("request_changed", "This request is not the one that you agreed to.")
            host = await self._host(record)
            if self._hosts.is_turned_away(host):  # nobody could say so when the request came
                await self._decline(record, NOT_REGISTERED)
            answer = await self._answer(record, host, answerable if form is None else answerable & {form})
            await self._send(record, host, answer)
        return await self.one(identifier)

    async def _answer(self, record: V20PresExRecord, host: Host, forms: frozenset[Format]) -> Answer:
        self._hosts.require_welcome(host)
        form, selection = _chosen(record, forms, await self._held.all())
        _require_all(selection.missing)
        self._hosts.require_may_ask(host, {each.type for each in selection.chosen.values()})
        return Answer(form, _asks(record, form), selection)

    async def turn_away(self, identifier: str) -> None:
        """Decline, unasked, a request of who does not prove to be registered."""
        record = await self._record(identifier)
        if self._hosts.is_turned_away(await self._host(record)):
            with suppress(NotPossible):  # the person was faster
                await self.decline(identifier, NOT_REGISTERED)

    async def decline(self, identifier: str, comment: str | None) -> PresentationRequest:
        """Tell the host that the person does not share it. Raises `NotFound`, `NotPossible`."""
        async with self._one_at_a_time:
            record = await self._record(identifier)
            _require_open(record)
            await self._decline(record, comment)
        return await self.one(identifier)

    async def _decline(self, record: V20PresExRecord, comment: str | None) -> None:
        sentence = "declined" + (f": {comment}" if comment else "")
        async with self._profile.session() as session:
            await record.save_error_state(session, reason=sentence)
        await self._responder.send(_refusal(sentence, record), connection_id=record.connection_id)

    async def _send(self, record: V20PresExRecord, host: Host, answer: Answer) -> None:
        if answer.form is Format.W3C:
            presentation = await self._w3c_presentation(record, answer.selection)
        else:
            presentation = await self._anoncreds_presentation(record, answer.selection)
        # Recorded before it is sent: nothing may be shared that the person cannot look up.
        await self._diary.note(Shared.of(record, host, answer.selection, answer.asks))
        await self._responder.send(presentation, connection_id=record.connection_id)

    async def _anoncreds_presentation(self, record: V20PresExRecord, selection: Selection) -> V20Pres:
        answer = {ANONCREDS.api: _answer(selection, _attachment(record, Format.ANONCREDS))}
        only = _only_anoncreds(record)
        try:
            _, presentation = await V20PresManager(self._profile).create_pres(only, answer)
        except ObjectRefused:
            raise
        except AnonCredsHolderError as error:
            raise NotPossible("cannot_present", "These credentials cannot be presented.") from error
        return presentation

    async def _w3c_presentation(self, record: V20PresExRecord, selection: Selection) -> V20Pres:
        kept = {one.id: one for one in await self._w3c.all()}
        chosen = {referent: kept[credential.id] for referent, credential in selection.chosen.items()}
        try:
            content = await self._w3c.present(chosen, _attachment(record, Format.W3C))
        except DocumentRefused as error:
            raise NotPossible("cannot_present", "These credentials cannot be presented.") from error
        presentation = V20Pres(
            formats=[V20PresFormat(attach_id=DIF.api, format_=ATTACHMENT_FORMAT[PRES_20][DIF.api])],
            presentations_attach=[AttachDecorator.data_base64(content, ident=DIF.api)],
        )
        presentation.assign_thread_id(record.thread_id)
        record.pres, record.state = presentation, V20PresExRecord.STATE_PRESENTATION_SENT
        async with self._profile.session() as session:
            await record.save(session, reason="present W3C credentials")
        return presentation

    async def _shown(self, record: V20PresExRecord) -> PresentationRequest:
        return _request(record, await self._host(record) if _is_open(record) else None)

    async def _host(self, record: V20PresExRecord) -> Host:
        async with self._profile.session() as session:
            try:
                connection = await ConnRecord.retrieve_by_id(session, str(record.connection_id))
            except StorageNotFoundError:
                return UNPROVEN
        ends = Ends(str(connection.their_did), str(connection.my_did))
        return await self._hosts.who_asks(asked_of(record), ends)

    async def _record(self, identifier: str) -> V20PresExRecord:
        try:
            async with self._profile.session() as session:
                record = await V20PresExRecord.retrieve_by_id(session, identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such request.") from error
        if record.role != V20PresExRecord.ROLE_PROVER or not record.pres_request:
            raise NotFound("There is no such request.")
        return record


def _is_open(record: V20PresExRecord) -> bool:
    return bool(record.state == V20PresExRecord.STATE_REQUEST_RECEIVED)


def _require_open(record: V20PresExRecord) -> None:
    if not _is_open(record):
        raise NotPossible("not_open", f"This request is not open any more: it is {record.state}.")


def _answerable(record: V20PresExRecord) -> frozenset[Format]:
    """The forms in which this wallet could answer: those that it knows, and that ask for something."""
    known = frozenset(form for form in _formats(record) if _asks(record, form))
    if not known or len(record.pres_request.formats) != len(_formats(record)):
        raise NotPossible("unsupported_format", "This wallet cannot answer a request of this kind.")
    return known


def _chosen(
    record: V20PresExRecord, forms: frozenset[Format], held: Sequence[HeldCredential]
) -> tuple[Format, Selection]:
    """The form to answer in, and the credentials to answer with."""
    if not forms:
        raise NotPossible("unsupported_format", "This host does not take that form.")
    if Format.W3C in forms:
        taken = proof_types_of(_attachment(record, Format.W3C)["presentation_definition"])
        selection = select_w3c(_asks(record, Format.W3C), [each for each in held if each.proof_type in taken])
        if forms == {Format.W3C} or not selection.missing:
            return Format.W3C, selection
    return Format.ANONCREDS, select(_asks(record, Format.ANONCREDS), held)


def _formats(record: V20PresExRecord) -> Sequence[Format]:
    known = [V20PresFormat.Format.get(each.format) for each in record.pres_request.formats]
    return tuple(form for form, acapys in _ACAPYS.items() if acapys in known)


def _asks(record: V20PresExRecord, form: Format) -> tuple[Ask, ...]:
    content = _attachment(record, form)
    return asks_of_definition(content["presentation_definition"]) if form is Format.W3C else asks_of(content)


def _attachment(record: V20PresExRecord, form: Format) -> dict[str, Any]:
    """What is asked in one form."""
    return record.pres_request.attachment(_ACAPYS[form]) or {}


def asked_of(record: V20PresExRecord) -> Asked:
    """What the message says, as its sender signs it: every attachment, by its format."""
    message = record.pres_request
    # Of several attachments of one name the first counts, as it does to ACA-Py when it answers.
    attachments = {str(each.ident): each for each in reversed(message.request_presentations_attach)}
    content = {each.format: _content(attachments.get(str(each.attach_id))) for each in message.formats}
    return Asked(message._thread_id, message.comment, content, message._decorators.get(HOST))  # noqa: SLF001


def _content(attachment: AttachDecorator | None) -> object:
    """What is attached; None for what cannot be read, as ACA-Py reads only the formats that it knows."""
    try:
        return attachment and attachment.content
    except (ValueError, RecursionError):
        return None


def _only_anoncreds(record: V20PresExRecord) -> V20PresExRecord:
    """The same exchange as ACA-Py must see it: it would answer in every format that was asked."""
    asked = record.pres_request
    kept = [each for each in asked.formats if V20PresFormat.Format.get(each.format) is ANONCREDS]
    message = V20PresRequest(
        asked._id,  # noqa: SLF001  # ACA-Py has no public name for it
        comment=asked.comment,
        will_confirm=asked.will_confirm,
        formats=kept,
        request_presentations_attach=[
            each for each in asked.request_presentations_attach if each.ident == kept[0].attach_id
        ],
    )
    record.pres_request = message
    return record


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


def _request(record: V20PresExRecord, host: Host | None) -> PresentationRequest:
    forms = _formats(record)
    asked = _attachment(record, Format.ANONCREDS) if Format.ANONCREDS in forms else None
    return PresentationRequest(
        id=record.pres_ex_id,
        connection_id=record.connection_id,
        state=record.state,
        formats=forms,
        name=asked.get("name") if asked else None,
        comment=record.pres_request.comment,
        asks=_asks(record, forms[0]) if forms else (),
        digest=_digest(record),
        host=host,
        error=record.error_msg,
        received_at=str(record.created_at),
        changed_at=str(record.updated_at),
    )


def _digest(record: V20PresExRecord) -> str:
    text = json.dumps(record.pres_request.serialize(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
