"""A credential that comes is checked in each of its formats first, and only then kept in any."""

from typing import Any

from acapy_agent.core.profile import Profile
from acapy_agent.protocols.issue_credential.v2_0.manager import V20CredManager
from acapy_agent.protocols.issue_credential.v2_0.messages.cred_format import V20CredFormat
from acapy_agent.protocols.issue_credential.v2_0.models.cred_ex_record import V20CredExRecord
from acapy_agent.protocols.issue_credential.v2_0.models.detail.anoncreds import V20CredExRecordAnonCreds
from acapy_agent.protocols.issue_credential.v2_0.models.detail.ld_proof import V20CredExRecordLDProof

from signed_documents.errors import SignedDocumentError
from wallet.holder.registry import ObjectRefused, as_acapy_error
from wallet.holder.w3c_credentials import W3cCredentials

type Json = dict[str, Any]
ANONCREDS = V20CredFormat.Format.ANONCREDS
LD_PROOF = V20CredFormat.Format.LD_PROOF


async def keep_and_acknowledge(profile: Profile, record: V20CredExRecord) -> None:
    """Keep what came for `record`, and tell the issuer.

    Raises `RegistryUnavailable` when it cannot be checked now, `ObjectRefused` when it never can be; nothing
    is kept then.
    """
    came, asked = formats_of(record.cred_issue), formats_of(record.cred_request)
    if not came or not came <= asked:
        raise ObjectRefused("The credential came in a form that was not asked for.")
    w3c = W3cCredentials(profile)
    if LD_PROOF in came:
        try:
            await w3c.check(record.cred_issue.attachment(LD_PROOF), _requested(record))
        except SignedDocumentError as error:
            raise as_acapy_error(error) from error
    if ANONCREDS in came and not await _is_kept(profile, record):
        await ANONCREDS.handler(profile).store_credential(record)
    if LD_PROOF in came:
        await w3c.keep(record.cred_issue.attachment(LD_PROOF), record.cred_ex_id)
        detail = V20CredExRecordLDProof(cred_ex_id=record.cred_ex_id, cred_id_stored=record.cred_ex_id)
        async with profile.session() as session:
            await detail.save(session, reason="a credential is kept")
    record.error_msg = None  # what kept it waiting is over
    await V20CredManager(profile).send_cred_ack(record)


async def _is_kept(profile: Profile, record: V20CredExRecord) -> bool:
    """Whether the AnonCreds form was kept already, by a call that a crash cut short."""
    async with profile.session() as session:
        details = await V20CredExRecordAnonCreds.query_by_cred_ex_id(session, record.cred_ex_id)
    return any(detail.cred_id_stored for detail in details)


def formats_of(message: Any) -> frozenset[V20CredFormat.Format]:  # noqa: ANN401  # any of the protocol's messages
    """The formats that a message has, of those that this wallet can hold."""
    known = {V20CredFormat.Format.get(each.format) for each in message.formats} if message else set()
    return frozenset(known & {ANONCREDS, LD_PROOF})


def _requested(record: V20CredExRecord) -> Json:
    asked: Json = record.cred_request.attachment(LD_PROOF)
    credential: Json = asked["credential"]
    return credential
