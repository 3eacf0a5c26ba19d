"""The form that a W3C presentation must have before any key is looked up: no more and no less than ours.

A term that no context defines is not signed, so whatever is read must be known by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import schemas
from agent.domain.credentials import CredentialType
from agent.domain.ports.presentations import ProofFault, ShownLife
from agent.verifier.short_lived import ENDS, short_life
from signed_documents.bitstring_status_lists import StatusListEntry
from signed_documents.contexts import CREDENTIALS_V1, SUBMISSION_V1
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.linked_data_proofs import ProofPurpose, claimed_signer

type Json = dict[str, Any]
_PRESENTATION_TYPES = ["VerifiablePresentation", "PresentationSubmission"]
_PRESENTATION = {
    *("@context", "type", "holder", "verifiableCredential", "presentation_submission", "proof"),
}
_CREDENTIAL = {
    *("@context", "id", "type", "issuer", "issuanceDate", "credentialSubject", "credentialStatus", "proof"),
}
_SHORT_LIVED = (_CREDENTIAL - {"credentialStatus"}) | {ENDS}
_NAMED = {definition.type_name: CredentialType(definition.name) for definition in schemas.all_definitions()}
_FAULTS = {
    Reason.OTHER_CHALLENGE: ProofFault.WRONG_CHALLENGE,
    Reason.OTHER_DOMAIN: ProofFault.WRONG_DOMAIN,
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
    contexts: Sequence[str],
    challenge: str,
    domain: str,
    types: Sequence[CredentialType],
) -> ShownPresentation:
    """What was presented, if it was made for `challenge` and `domain`, with credentials over `contexts`.

    Raises `PresentationFault`.
    """
    document = _object(presentation, _PRESENTATION)
    if document["@context"] != [CREDENTIALS_V1, SUBMISSION_V1]:
        raise PresentationFault(ProofFault.UNKNOWN_CONTEXT)
    if document["type"] != _PRESENTATION_TYPES:
        raise PresentationFault(ProofFault.INVALID)
    method = _signer(document, ProofPurpose.AUTHENTICATION, challenge=challenge, domain=domain)
    credentials = tuple(_credential(each, contexts) for each in _listed(document["verifiableCredential"]))
    if len(credentials) > len(types) or {one.credential for one in credentials} - set(types):
        raise PresentationFault(ProofFault.INVALID)  # more than was asked
    holder = method.partition("#")[0]
    if document["holder"] != holder or method != f"{holder}#{holder.removeprefix('did:key:')}":
        raise PresentationFault(ProofFault.NOT_THE_SUBJECT)
    _require_about(holder, credentials)
    return ShownPresentation(document, holder, credentials)


def _require_about(holder: str, credentials: Sequence[ShownCredential]) -> None:
    """Who presents is whom every credential is about: one that was stolen is worth nothing."""
    subjects = {one.subject for one in credentials}
    if len(subjects) > 1:
        raise PresentationFault(ProofFault.HOLDERS_DIFFER)
    if subjects != {holder}:
        raise PresentationFault(ProofFault.NOT_THE_SUBJECT)


def _credential(value: object, contexts: Sequence[str]) -> ShownCredential:
    document = _object(value, _SHORT_LIVED if _ends(value) else _CREDENTIAL)
    if document["@context"] != list(contexts):
        raise PresentationFault(ProofFault.UNKNOWN_CONTEXT)
    credential = _type(document["type"])
    issuer, method = document["issuer"], _signer(document, ProofPurpose.ASSERTION)
    if not isinstance(issuer, str) or method.partition("#")[0] != issuer:
        raise PresentationFault(ProofFault.INVALID)
    subject = _subject(document["credentialSubject"], credential)
    return ShownCredential(
        document,
        credential,
        issuer,
        method,
        subject.pop("id"),
        subject,
        () if _ends(document) else _status(document["credentialStatus"]),
        _life(document),
    )


def _ends(value: object) -> bool:
    return isinstance(value, dict) and ENDS in value


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


def _status(entries: object) -> tuple[str, ...]:
    try:
        return tuple(str(StatusListEntry.read(entry)) for entry in _listed(entries))
    except DocumentRefused as error:
        raise PresentationFault(ProofFault.INVALID) from error


def _signer(
    document: Json, purpose: ProofPurpose, *, challenge: str | None = None, domain: str | None = None
) -> str:
    try:
        return claimed_signer(document, purpose, challenge=challenge, domain=domain)
    except DocumentRefused as refusal:
        raise PresentationFault(_FAULTS.get(refusal.reason, ProofFault.INVALID)) from refusal


def _object(value: object, members: set[str]) -> Json:
    if not isinstance(value, dict) or value.keys() != members:
        raise PresentationFault(ProofFault.INVALID)
    return value


def _listed(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise PresentationFault(ProofFault.INVALID)
    return value
