"""Statements that one organisation makes to another: JSON, signed with an assertion key of its DID.

`{"type": …, "issuer": DID, "issued": when, "content": {…}, "proof": {…}}`, the proof by eddsa-jcs-2022.
"""

from dataclasses import dataclass
from datetime import datetime

from pydid import DIDDocument

from signed_documents.did_documents import assertion_key
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.keys import Signer
from signed_documents.proofs import claimed_method, iso_utc, make_proof, verify_proof

_MEMBERS = {"type", "issuer", "issued", "content", "proof"}


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """What an organisation really said; made by `verify_statement` alone."""

    issuer: WebvhDid
    type: str
    issued: datetime
    content: JsonObject


async def sign_statement(
    kind: str, content: JsonObject, *, issuer: str, signer: Signer, now: datetime
) -> JsonObject:
    """The statement of type `kind`, signed."""
    said: JsonObject = {"type": kind, "issuer": issuer, "issued": iso_utc(now), "content": content}
    return {**said, "proof": await make_proof(said, signer, created=now)}


def claimed_issuer(statement: object) -> WebvhDid:
    """Whom the statement says that it is from. Raises `DocumentRefused` for what is no statement."""
    if not isinstance(statement, dict) or set(statement) != _MEMBERS:
        raise DocumentRefused(Reason.MALFORMED, "this is no statement")
    return WebvhDid.parse(str(statement["issuer"]))


def verify_statement(statement: object, kind: str, signer: DIDDocument) -> VerifiedStatement:
    """Raise `DocumentRefused` unless `statement` is of type `kind`, and `signer` asserts it."""
    issuer = claimed_issuer(statement)
    if not isinstance(statement, dict) or statement["type"] != kind:
        raise DocumentRefused(Reason.WRONG_TYPE, f"the statement is not of type {kind}")
    if str(signer.id) != str(issuer):
        raise DocumentRefused(Reason.OTHER_SIGNER, "the statement is signed by another DID")
    method = claimed_method(statement["proof"])
    verify_proof(statement, statement["proof"], assertion_key(signer, method))
    content = statement["content"]
    if not isinstance(content, dict):
        raise DocumentRefused(Reason.MALFORMED, "the statement has no content")
    return VerifiedStatement(issuer, kind, _instant(statement["issued"]), content)


def _instant(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the statement has no time") from error
    if moment.tzinfo is None:
        raise DocumentRefused(Reason.MALFORMED, "the statement's time has no zone")
    return moment
