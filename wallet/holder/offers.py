"""Credential offers (RFC 0453): shown to the person, and accepted or declined on their word alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.messaging.responder import BaseResponder
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_problem_report import (
    ProblemReportReason,
    V20CredProblemReport,
)
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import V20CredRequest
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.protocols.issue_credential.v2_0.models.detail.ld_proof import V20CredExRecordLDProof
from acapy_agent.storage.error import StorageNotFoundError

from wallet.holder.attachments import (
    ANONCREDS,
    FORMS,
    W3C,
    content_of,
    forms_of,
    request_for,
    w3c_credential,
)
from wallet.holder.decisions import OneAtATime
from wallet.holder.holder_key import HolderKey
from wallet.holder.identifiers import issuer_of
from wallet.holder.names import SchemaNames
from wallet.holder.problems import NotFound, NotPossible
from wallet.holder.receiving import keep_and_acknowledge

STATUS_ATTRIBUTE = "credentialStatus"
"""An AnonCreds credential says here where its status stands; a W3C credential has a member of that name."""
DECLINED = "declined: "
"""How the exchange's own record of a person's no begins."""


class DeclineReason(StrEnum):
    """Why a person does not want what is offered; the issuer is told."""

    DUPLICATE = "duplicate"
    INCORRECT = "incorrect"
    NO_LONGER_WANTED = "no_longer_wanted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `state` is RFC 0453's for the holder; `type` is the schema's name, where it is known."""

    id: str
    connection_id: str | None
    state: str
    formats: Sequence[str]
    type: str | None
    schema_id: str | None
    cred_def_id: str | None
    issuer: str | None
    attributes: Mapping[str, str]
    comment: str | None
    credential_id: str | None
    error: str | None
    received_at: str
    changed_at: str


class Offers:
    """The offers that one wallet received."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._names = SchemaNames(profile)
        self._responder = profile.inject(BaseResponder)
        self._one_at_a_time = profile.inject(OneAtATime)

    async def all(self, *, state: str | None = None, connection_id: str | None = None) -> list[Offer]:
        """Every offer, the oldest first, or those that the filters name."""
        wanted = {"role": V20CredExRecord.ROLE_HOLDER, "state": state, "connection_id": connection_id}
        async with self._profile.session() as session:
            records = await V20CredExRecord.query(
                session, post_filter_positive={name: value for name, value in wanted.items() if value}
            )
        ordered = sorted(records, key=lambda record: record.created_at)
        return [await self._offer(record) for record in ordered if record.cred_offer]

    async def one(self, identifier: str) -> Offer:
        """Raises `NotFound`."""
        return await self._offer(await self._record(identifier))

    async def accept(self, identifier: str) -> Offer:
        """Ask the issuer for the credential; what comes is stored by itself.

        For a credential that came while the registry did not answer, store it now; for one that is kept,
        there is nothing left to do. Raises `NotFound`, `NotPossible`, or what the registry made impossible.
        """
        async with self._one_at_a_time:
            record = await self._record(identifier)
            if record.state == V20CredExRecord.STATE_DONE:
                return await self._offer(record)
            if record.state == V20CredExRecord.STATE_CREDENTIAL_RECEIVED:
                return await self._store(record)
            _require_open(record)
            _require_known_format(record.cred_offer)
            _require_that_formats_agree(record.cred_offer)
            return await self._request(record)

    async def decline(self, identifier: str, reason: DeclineReason, comment: str | None) -> Offer:
        """Tell the issuer that the person does not want it, and why. Raises `NotFound`, `NotPossible`."""
        async with self._one_at_a_time:
            record = await self._record(identifier)
            _require_open(record)
            sentence = declined(reason, comment)
            async with self._profile.session() as session:
                await record.save_error_state(session, reason=f"{DECLINED}{sentence}")
            await self._responder.send(refusal(sentence, record), connection_id=record.connection_id)
        return await self.one(identifier)

    async def _request(self, record: V20CredExRecord) -> Offer:
        """Ask in every format; a W3C credential is bound to the wallet's own key here."""
        if record.connection_id is None:
            raise NotPossible("not_connected", "This offer came over no connection.")
        offer = record.cred_offer
        holder, forms = await HolderKey.of(self._profile), forms_of(offer)
        parts = [request_for(offer, form, holder.did) for form in forms & W3C]
        if ANONCREDS in forms:
            anoncreds = V20CredFormat.Format.ANONCREDS.handler(self._profile)
            parts.append(await anoncreds.create_request(record, {"holder_did": holder.did}))
        request = V20CredRequest(
            formats=[named for named, _ in parts], requests_attach=[content for _, content in parts]
        )
        request.assign_thread_id(record.thread_id)
        record.cred_request, record.state = request, V20CredExRecord.STATE_REQUEST_SENT
        async with self._profile.session() as session:
            await record.save(session, reason="ask for a credential")
        await self._responder.send(request, connection_id=record.connection_id)
        return await self.one(record.cred_ex_id)

    async def _store(self, record: V20CredExRecord) -> Offer:
        await keep_and_acknowledge(self._profile, record)
        return await self.one(record.cred_ex_id)

    async def _record(self, identifier: str) -> V20CredExRecord:
        try:
            async with self._profile.session() as session:
                record = await V20CredExRecord.retrieve_by_id(session, identifier)
        except StorageNotFoundError as error:
            raise NotFound("There is no such offer.") from error
        if record.role != V20CredExRecord.ROLE_HOLDER or not record.cred_offer:
            raise NotFound("There is no such offer.")
        return record

    async def _offer(self, record: V20CredExRecord) -> Offer:
        offer = record.cred_offer
        ids: Mapping[str, str] = content_of(offer, (ANONCREDS,)) or {}
        w3c = w3c_credential(offer)
        cred_def_id = ids.get("cred_def_id")
        issuer = issuer_of(cred_def_id) if cred_def_id else w3c.get("issuer")
        return Offer(
            id=record.cred_ex_id,
            connection_id=record.connection_id,
            state=record.state,
            formats=tuple(form.id for form in FORMS if form in forms_of(offer)),
            type=next(iter(w3c.get("type", ())[1:]), None) or await self._names.of(ids.get("schema_id")),
            schema_id=ids.get("schema_id"),
            cred_def_id=cred_def_id,
            issuer=issuer,
            attributes=_preview(offer),
            comment=offer.comment,
            credential_id=await self._credential_id(record),
            error=record.error_msg,
            received_at=str(record.created_at),
            changed_at=str(record.updated_at),
        )

    async def _credential_id(self, record: V20CredExRecord) -> str | None:
        async with self._profile.session() as session:
            kept: list[Any] = [
                *await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, record.cred_ex_id),
                *await V20CredExRecordLDProof.query_by_cred_ex_id(session, record.cred_ex_id),
            ]
        return next((detail.cred_id_stored for detail in kept if detail.cred_id_stored), None)


def declined(reason: DeclineReason, comment: str | None) -> str:
    """What the issuer reads: the reason, and after a colon what the person wrote."""
    return f"{reason}: {comment}" if comment else str(reason)


def declined_with(record: V20CredExRecord) -> str | None:
    """What the issuer was told when the person declined; None when they did not."""
    note = record.error_msg or ""
    return note.removeprefix(DECLINED) if note.startswith(DECLINED) else None


def refusal(sentence: str, record: V20CredExRecord) -> V20CredProblemReport:
    """The problem report by which a declined offer is answered."""
    # RFC 0453's own code: with any other, ACA-Py as issuer writes the person's comment into its log.
    code = ProblemReportReason.ISSUANCE_ABANDONED.value
    report = V20CredProblemReport(description={"code": code, "en": sentence})
    report.assign_thread_id(record.thread_id)
    return report


def _require_open(record: V20CredExRecord) -> None:
    if record.state != V20CredExRecord.STATE_OFFER_RECEIVED:
        raise NotPossible("not_open", f"This offer is not open any more: it is {record.state}.")


def _require_known_format(offer: V20CredOffer) -> None:
    forms = forms_of(offer)
    if (
        not forms
        or len(forms & W3C) > 1
        or (forms & W3C and "credentialSubject" not in w3c_credential(offer))
    ):
        raise NotPossible("unsupported_format", "This wallet cannot hold a credential of this format.")


def _require_that_formats_agree(offer: V20CredOffer) -> None:
    """What the person reads is the AnonCreds form's preview: the W3C form must not say anything else."""
    subject = w3c_credential(offer).get("credentialSubject")
    if subject is None or ANONCREDS not in forms_of(offer):
        return
    shown = {name: value for name, value in _preview(offer).items() if value and name != STATUS_ATTRIBUTE}
    if {name: value for name, value in subject.items() if name != "id"} != shown:
        raise NotPossible("formats_differ", "The two forms of this credential say different things.")


def _preview(offer: V20CredOffer) -> Mapping[str, str]:
    if offer.credential_preview is None:
        subject = w3c_credential(offer).get("credentialSubject", {})
        return {name: value for name, value in subject.items() if name != "id"}
    return {attribute.name: attribute.value for attribute in offer.credential_preview.attributes}
