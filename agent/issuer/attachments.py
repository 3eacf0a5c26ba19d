"""How each form of a credential travels: the attachments of issue-credential 2.0 messages (RFC 0453).

What AnonCreds' say is ACA-Py's to make and read. The W3C's is ours: an offer has the whole credential but for
its subject's DID, which the wallet adds when it asks for it.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from acapy_agent.protocols.issue_credential.v2_0.message_types import (
    ATTACHMENT_FORMAT,
    CRED_20_ISSUE,
    CRED_20_OFFER,
    CRED_20_PROPOSAL,
    CRED_20_REQUEST,
)
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat

from agent import didcomm
from agent.domain.credentials import CredentialFormat, W3cDataModel
from signed_documents.linked_data_proofs import SUITE
from signed_documents.proofs import CRYPTOSUITE

type Json = dict[str, Any]
ATTACHMENTS = {
    CRED_20_PROPOSAL: "filters~attach",
    CRED_20_OFFER: "offers~attach",
    CRED_20_REQUEST: "requests~attach",
    CRED_20_ISSUE: "credentials~attach",
}
"""The member of each message in which they stand."""


@dataclass(frozen=True, slots=True)
class Form:
    """The names of one form's attachments, by message; `id` is what we call each of them."""

    format: CredentialFormat
    id: str
    offer: str
    request: str
    issue: str


def _acapys(form: CredentialFormat, name: str) -> Form:
    messages = (CRED_20_OFFER, CRED_20_REQUEST, CRED_20_ISSUE)
    return Form(form, name, *(ATTACHMENT_FORMAT[message][name] for message in messages))


ANONCREDS = _acapys(CredentialFormat.ANONCREDS, V20CredFormat.Format.ANONCREDS.api)
W3C = {
    W3cDataModel.V1_1: _acapys(CredentialFormat.W3C, V20CredFormat.Format.LD_PROOF.api),
    # RFC 0593's attachments know no Data Integrity, and RFC 0809's no did:webvh: these are ours.
    W3cDataModel.V2_0: Form(
        CredentialFormat.W3C,
        "data_integrity",
        "staff-passport/w3c-vc-detail@v2.0",
        "staff-passport/w3c-vc-detail@v2.0",
        "staff-passport/w3c-vc@v2.0",
    ),
}
FORMS = (ANONCREDS, *W3C.values())
_SIGNED_WITH: dict[W3cDataModel, Json] = {
    W3cDataModel.V1_1: {"proofType": SUITE},
    W3cDataModel.V2_0: {"proofType": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE},
}


def detail(credential: Json, data_model: W3cDataModel) -> Json:
    """What an offer says in W3C's format: the credential, and how it will be signed."""
    options = {**_SIGNED_WITH[data_model], "proofPurpose": "assertionMethod"}
    return {"credential": credential, "options": options}


def offering(parts: dict[Form, Json]) -> Json:
    """The members of an offer that say it in each of these forms."""
    return _saying(CRED_20_OFFER, {form: (form.offer, content) for form, content in parts.items()})


def issuing(parts: dict[Form, Json]) -> Json:
    """The members of a message that issues a credential in each of these forms."""
    return _saying(CRED_20_ISSUE, {form: (form.issue, content) for form, content in parts.items()})


def _saying(kind: str, parts: dict[Form, tuple[str, Json]]) -> Json:
    return {
        "formats": [{"attach_id": form.id, "format": name} for form, (name, _) in parts.items()],
        ATTACHMENTS[kind]: [didcomm.attachment(form.id, content) for form, (_, content) in parts.items()],
    }


def contents(message: Json) -> dict[Form, Json]:
    """What a message says in each form that we know; what cannot be read is as good as not there."""
    named = message.get("formats")
    listed = [each for each in named if isinstance(each, dict)] if isinstance(named, list) else []
    attachments = next((message[name] for name in ATTACHMENTS.values() if name in message), None)
    found: dict[Form, Json] = {}
    for form in FORMS:
        names = {form.offer, form.request, form.issue}
        identifiers = [str(each.get("attach_id")) for each in listed if each.get("format") in names]
        if (content := didcomm.attached(identifiers, attachments)) is not None:
            found[form] = content
    return found


def subject_of(asked: Json | None) -> str | None:
    """The DID that the wallet added to a W3C credential."""
    match asked:
        case {"credential": {"credentialSubject": {"id": str(subject)}}}:
            return subject
    return None


def is_as_offered(asked: Json | None, offered: Json | None) -> bool:
    """Whether a wallet asks for just the W3C credential that it was offered, but for a DID that it adds."""
    match asked, offered:
        case {"credential": {"credentialSubject": dict()} as wanted}, {"credential": dict(credential)}:
            without = deepcopy(wanted)
            if "id" not in credential["credentialSubject"]:
                without["credentialSubject"].pop("id", None)
            return bool(without == credential)
    return False
