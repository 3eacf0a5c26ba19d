"""The form that a W3C presentation must have before any key is looked up: no more and no less than ours.

What is read must be known by name: JSON-LD does not sign a term that no context defines. And whatever goes
into JSON-LD must be of a known form: canonicalising what a stranger made of blank nodes has no bound.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import schemas
from agent.domain.clock import london_day
from agent.domain.credentials import CredentialType
from agent.domain.ports.presentations import ProofFault, ShownLife
from agent.verifier.short_lived import BEGINS, ENDS, short_life
from signed_documents.bitstring_status_lists import StatusListEntry
from signed_documents.contexts import CREDENTIALS_V1, CREDENTIALS_V2, SUBMISSION_V1
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.w3c_documents import ANYBODY, DataModel, MadeFor, claimed_signer

type Json = dict[str, Any]
_PRESENTATION_TYPES = ["VerifiablePresentation", "PresentationSubmission"]
_PRESENTATION_CONTEXTS = ([CREDENTIALS_V1, SUBMISSION_V1], [CREDENTIALS_V2, SUBMISSION_V1])
_PRESENTATION = {
    *("@context", "type", "holder", "verifiableCredential", "presentation_submission", "proof"),
}
_SUBMISSION = {"id", "definition_id", "descriptor_map"}
_DESCRIPTOR = {"id", "format", "path"}
_CREDENTIAL = {"@context", "id", "type", "issuer", "credentialSubject", "proof"}
_DATE_OF_ISSUE = {DataModel.V1_1: BEGINS, DataModel.V2_0: "validFrom"}
_STATUS_OR_END = {False: "credentialStatus", True: ENDS}
_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NAMED = {definition.type_name: CredentialType(definition.name) for definition in schemas.all_definitions()}
_FAULTS = {
    Reason.OTHER_CHALLENGE: ProofFault.WRONG_CHALLENGE,
    Reason.OTHER_DOMAIN: ProofFault.WRONG_DOMAIN,
    Reason.UNKNOWN_CONTEXT: ProofFault.UNKNOWN_CONTEXT,
}


class PresentationFault(Exception):
    """What keeps a presentation from being looked at further."""

    def __init__(self, fault: ProofFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """One credential, read; `method` is the verification method that its proof names.

    It has a status or a short life, and never both.
    """

    document: Json
    credential: CredentialType
    issuer: str
    method: str
    subject: str
    claims: dict[str, str]
    status: tuple[str, ...]
    short_life: ShownLife | None


@dataclass(frozen=True, slots=True)
class ShownPresentation:
    """A presentation, read: one holder's, about themselves."""

    document: Json
    holder: str
    credentials: tuple[ShownCredential, ...]


def read_presentation(
    presentation: object,
    *,
    contexts: Mapping[DataModel, Sequence[str]],
    challenge: str,
    domain: str,
    types: Sequence[CredentialType],
) -> ShownPresentation:
    """What was presented, if it was made for `challenge` and `domain`, with credentials over `contexts`.

    Raises `PresentationFault`.
    """
    document = _object(presentation, _PRESENTATION)
    if document["@context"] not in _PRESENTATION_CONTEXTS:
        raise PresentationFault(ProofFault.UNKNOWN_CONTEXT)
    if document["type"] != _PRESENTATION_TYPES:
        raise PresentationFault(ProofFault.INVALID)
    _require_plain(document["presentation_submission"], most=len(types))
    method = _signer(document, MadeFor.verifier(challenge, domain))
    shown = _listed(document["verifiableCredential"], most=len(types))
    credentials = tuple(_credential(each, contexts) for each in shown)
    if {one.credential for one in credentials} - set(types):
        raise PresentationFault(ProofFault.INVALID)  # what nobody asked for
    holder = document["holder"]
    if not isinstance(holder, str) or method != f"{holder}#{holder.removeprefix('did:key:')}":
        raise PresentationFault(ProofFault.NOT_THE_SUBJECT)
    _require_about(holder, credentials)
    return ShownPresentation(document, holder, credentials)


def _require_plain(submission: object, *, most: int) -> None:
    """Nothing is read from it; but it is signed with the rest, so that it must be what it seems."""
    told = _object(submission, _SUBMISSION)
    rows = [_object(row, _DESCRIPTOR) for row in _listed(told["descriptor_map"], most=most)]
    texts = [told["id"], told["definition_id"], *(text for row in rows for text in row.values())]
    if not all(isinstance(text, str) for text in texts):
        raise PresentationFault(ProofFault.INVALID)


def _require_about(holder: str, credentials: Sequence[ShownCredential]) -> None:
    """Who presents is whom every credential is about: one that was stolen is worth nothing."""
    subjects = {one.subject for one in credentials}
    if len(subjects) > 1:
        raise PresentationFault(ProofFault.HOLDERS_DIFFER)
    if subjects != {holder}:
        raise PresentationFault(ProofFault.NOT_THE_SUBJECT)


def _credential(value: object, contexts: Mapping[DataModel, Sequence[str]]) -> ShownCredential:
    model = _data_model(value)
    document = _object(value, {*_CREDENTIAL, _DATE_OF_ISSUE[model], _STATUS_OR_END[_ends(value, model)]})
    if document["@context"] != list(contexts[model]):
        raise PresentationFault(ProofFault.UNKNOWN_CONTEXT)
    credential = _type(document["type"])
    issuer, method = document["issuer"], _signer(document, ANYBODY)
    if not isinstance(issuer, str) or method.partition("#")[0] != issuer:
        raise PresentationFault(ProofFault.INVALID)
    subject = _subject(document["credentialSubject"], credential)
    _require_that_dates_agree(document[_DATE_OF_ISSUE[model]], subject)
    if not isinstance(document["id"], str) or not _ID.fullmatch(document["id"]):
        raise PresentationFault(ProofFault.INVALID)
    return ShownCredential(
        document,
        credential,
        issuer,
        method,
        subject.pop("id"),
        subject,
        () if _ends(document, model) else _status(document["credentialStatus"]),
        _life(document),
    )


def _data_model(value: object) -> DataModel:
    if not isinstance(value, dict):
        raise PresentationFault(ProofFault.INVALID)
    try:
        return DataModel.of(value)
    except DocumentRefused as refusal:
        raise PresentationFault(ProofFault.UNKNOWN_CONTEXT) from refusal


def _ends(value: object, model: DataModel) -> bool:
    return model is DataModel.V1_1 and isinstance(value, dict) and ENDS in value


def _life(document: Json) -> ShownLife | None:
    try:
        return short_life(document)
    except ValueError as error:
        raise PresentationFault(ProofFault.INVALID) from error


def _type(types: object) -> CredentialType:
    match types:
        case ["VerifiableCredential", str(name)] if name in _NAMED:
            return _NAMED[name]
    raise PresentationFault(ProofFault.INVALID)


def _subject(subject: object, credential: CredentialType) -> dict[str, str]:
    """The DID and the claims: each known by name, each a text."""
    known = {"id", *schemas.load(credential).claim_names}
    if not isinstance(subject, dict) or "id" not in subject or subject.keys() - known:
        raise PresentationFault(ProofFault.INVALID)
    if not all(isinstance(value, str) for value in subject.values()):
        raise PresentationFault(ProofFault.INVALID)
    return dict(subject)


def _require_that_dates_agree(issued: object, claims: Mapping[str, str]) -> None:
    """It says when it was issued to the W3C's readers, and once more as a claim, which the policy judges."""
    if not isinstance(issued, str) or not _INSTANT.fullmatch(issued):
        raise PresentationFault(ProofFault.INVALID)
    try:
        day = london_day(datetime.fromisoformat(issued))
    except ValueError as error:
        raise PresentationFault(ProofFault.INVALID) from error
    if claims.get("issuedOn") != day.isoformat():
        raise PresentationFault(ProofFault.INVALID)


def _status(entries: object) -> tuple[str, ...]:
    try:
        return tuple(str(StatusListEntry.read(entry)) for entry in _listed(entries, most=len(_NAMED)))
    except DocumentRefused as error:
        raise PresentationFault(ProofFault.INVALID) from error


def _signer(document: Json, made_for: MadeFor) -> str:
    try:
        return claimed_signer(document, made_for)
    except DocumentRefused as refusal:
        raise PresentationFault(_FAULTS.get(refusal.reason, ProofFault.INVALID)) from refusal


def _object(value: object, members: set[str]) -> Json:
    if not isinstance(value, dict) or value.keys() != members:
        raise PresentationFault(ProofFault.INVALID)
    return value


def _listed(value: object, *, most: int) -> list[object]:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise PresentationFault(ProofFault.INVALID)
    return value
