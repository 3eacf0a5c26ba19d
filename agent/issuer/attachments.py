"""How each form of a credential travels: the attachments of issue-credential 2.0 messages (RFC 0453).

AnonCreds' are ACA-Py's to make and read. The W3C's are ours: an offer has the whole credential but for its
subject's DID, which the wallet adds when it asks for it.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from acapy_agent.messaging.decorators.attach_decorator import AttachDecorator
from acapy_agent.protocols.issue_credential.v2_0.message_types import (
    ATTACHMENT_FORMAT,
    CRED_20_ISSUE,
    CRED_20_OFFER,
    CRED_20_REQUEST,
)
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat

from agent.domain.credentials import CredentialFormat, W3cDataModel
from signed_documents.linked_data_proofs import SUITE
from signed_documents.proofs import CRYPTOSUITE

type Json = dict[str, Any]
type Attached = tuple[V20CredFormat, AttachDecorator]


@dataclass(frozen=True, slots=True)
class Form:
    """The names of one form's attachments, by message."""

    format: CredentialFormat
    id: str
    offer: str
    request: str
    issue: str

    def attach(self, name: str, content: Json) -> Attached:
        """An attachment called `name`, which is one of the three."""
        return (
            V20CredFormat(attach_id=self.id, format_=name),
            AttachDecorator.data_base64(content, ident=self.id),
        )


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


def forms_of(formats: Iterable[V20CredFormat] | None) -> frozenset[Form]:
    """The forms that a message has, of those that we know."""
    named = {each.format for each in formats or ()}
    return frozenset(form for form in FORMS if named & {form.offer, form.request, form.issue})


def attached(
    form: Form, formats: Sequence[V20CredFormat], attachments: Sequence[AttachDecorator]
) -> Json | None:
    """The content of a form's attachment; None when there is none, or when it is no JSON object."""
    names = {form.offer, form.request, form.issue}
    idents = {each.attach_id for each in formats if each.format in names}
    found = [each for each in attachments if each.ident in idents]
    try:
        content = found[0].content if len(found) == 1 else None
    except Exception:  # noqa: BLE001  # a stranger's attachment may be anything
        return None
    return content if isinstance(content, dict) else None


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
