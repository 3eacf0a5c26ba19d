"""A credential that comes is checked in each of its forms first, and only then kept in any."""

from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.protocols.issue_credential.v2_0.models.detail.ld_proof import V20CredExRecordLDProof

from signed_documents.errors import SignedDocumentError
from wallet.holder.attachments import ANONCREDS, W3C, content_of, forms_of, w3c_credential
from wallet.holder.registry import ObjectRefused, as_acapy_error
from wallet.holder.w3c_credentials import W3cCredentials

type Json = dict[str, Any]


async def keep_and_acknowledge(profile: Profile, record: V20CredExRecord) -> None:
    """Keep what came for `record`, and tell the issuer.

    Raises `RegistryUnavailable` when it cannot be checked now, `ObjectRefused` when it never can be; nothing
    is kept then.
    """
    came, asked = forms_of(record.cred_issue), forms_of(record.cred_request)
    if not came or not came <= asked:
        raise ObjectRefused("The credential came in a form that was not asked for.")
    in_w3c_form = await _checked(profile, record) if came & W3C else None
    if ANONCREDS in came and not await _is_kept(profile, record):
        await V20CredFormat.Format.ANONCREDS.handler(profile).store_credential(record)
    if in_w3c_form is not None:
        await _keep(profile, in_w3c_form, record.cred_ex_id)
    record.error_msg = None  # what kept it waiting is over
    await V20CredManager(profile).send_cred_ack(record)


async def _checked(profile: Profile, record: V20CredExRecord) -> Json:
    """The W3C credential that came, if it is the one that was asked for."""
    credential = content_of(record.cred_issue, W3C)
    if credential is None:
        raise ObjectRefused("The credential cannot be read.")
    try:
        await W3cCredentials(profile).check(credential, dict(w3c_credential(record.cred_request)))
    except SignedDocumentError as error:
        raise as_acapy_error(error) from error
    return credential


async def _keep(profile: Profile, credential: Json, exchange: str) -> None:
    await W3cCredentials(profile).keep(credential, exchange)
    detail = V20CredExRecordLDProof(cred_ex_id=exchange, cred_id_stored=exchange)
    async with profile.session() as session:
        await detail.save(session, reason="a credential is kept")


async def _is_kept(profile: Profile, record: V20CredExRecord) -> bool:
    """Whether the AnonCreds form was kept already, by a call that a crash cut short."""
    async with profile.session() as session:
        details = await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, record.cred_ex_id)
    return any(detail.cred_id_stored for detail in details)
