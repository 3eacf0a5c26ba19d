"""How each form of a credential travels: the attachments of issue-credential 2.0 messages (RFC 0453).

AnonCreds' are ACA-Py's to make. In the W3C's, an offer has the whole credential but for its subject's DID,
which this wallet adds when it asks for it.
"""

from collections.abc import Iterable, Mapping, Sequence
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
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_issue import V20CredIssue
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_offer import V20CredOffer
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_request import V20CredRequest

type Json = dict[str, Any]
type Message = V20CredOffer | V20CredRequest | V20CredIssue


@dataclass(frozen=True, slots=True)
class Form:
    """The names of one form's attachments, by message; `id` is also the form's own name."""

    id: str
    offer: str
    request: str
    issue: str

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.offer, self.request, self.issue})


def _acapys(name: str) -> Form:
    messages = (CRED_20_OFFER, CRED_20_REQUEST, CRED_20_ISSUE)
    return Form(name, *(ATTACHMENT_FORMAT[message][name] for message in messages))


ANONCREDS = _acapys(V20CredFormat.Format.ANONCREDS.api)
LD_PROOF = _acapys(V20CredFormat.Format.LD_PROOF.api)
DATA_INTEGRITY = Form(
    "data_integrity",
    "staff-passport/w3c-vc-detail@v2.0",
    "staff-passport/w3c-vc-detail@v2.0",
    "staff-passport/w3c-vc@v2.0",
)
FORMS = (ANONCREDS, LD_PROOF, DATA_INTEGRITY)
W3C = frozenset({LD_PROOF, DATA_INTEGRITY})


def forms_of(message: Message | None) -> frozenset[Form]:
    """The forms that a message has, of those that this wallet can hold."""
    named = {each.format for each in message.formats} if message else set()
    return frozenset(form for form in FORMS if form.names & named)


def content_of(message: Message | None, forms: Iterable[Form]) -> Json | None:
    """What a message says in one of `forms`; None when it says nothing, or several things."""
    if message is None:
        return None
    names = frozenset[str]().union(*(form.names for form in forms))
    idents = {each.attach_id for each in message.formats if each.format in names}
    found = [each for each in _attachments(message) if each.ident in idents]
    try:
        content = found[0].content if len(found) == 1 else None
    except Exception:  # noqa: BLE001  # a stranger's attachment may be anything
        return None
    return content if isinstance(content, dict) else None


def w3c_credential(message: V20CredOffer | V20CredRequest | None) -> Mapping[str, Any]:
    """The W3C credential that is offered or asked for; empty if there is none."""
    credential = (content_of(message, W3C) or {}).get("credential")
    return credential if isinstance(credential, dict) else {}


def request_for(offer: V20CredOffer, form: Form, subject: str) -> tuple[V20CredFormat, AttachDecorator]:
    """Ask for a W3C credential as it was offered, bound to the DID `subject`."""
    detail = deepcopy(content_of(offer, (form,)) or {})
    detail["credential"]["credentialSubject"]["id"] = subject
    return (
        V20CredFormat(attach_id=form.id, format_=form.request),
        AttachDecorator.data_base64(detail, ident=form.id),
    )


def _attachments(message: Message) -> Sequence[AttachDecorator]:
    match message:
        case V20CredOffer():
            return list(message.offers_attach)
        case V20CredRequest():
            return list(message.requests_attach)
        case _:
            return list(message.credentials_attach)
