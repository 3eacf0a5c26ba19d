"""What an organisation says of itself when it invites a person, or asks them to show something.

It is a statement signed by the organisation's DID, about one invitation or one request alone: it is of no use
on another connection, for another content, at another domain, or later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signed_documents.encoding import JsonObject, canonical_json, multihash_multibase
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import WebvhDid
from signed_documents.peer_dids import short_form
from signed_documents.proofs import FIXED, ProofPurpose, iso_utc
from signed_documents.statements import VerifiedStatement

INVITES = "StaffPassportHostInvitation"
ASKS = "StaffPassportHostRequest"
HOST = "host"
"""The decorator (RFC 0011) in which the statement travels; who does not know it passes over it."""
_MEMBER = f"~{HOST}"


@dataclass(frozen=True, slots=True)
class Ends:
    """The DIDs of a connection: of the organisation, and of the person's wallet."""

    host: str
    person: str

    def said(self) -> JsonObject:
        return {"from": short_form(self.host), "to": short_form(self.person)}


@dataclass(frozen=True, slots=True)
class HostStatement:
    """Who invites or asks, and what for; made by `about_invitation` and `about_request` alone."""

    host: WebvhDid
    purpose: str
    expires: datetime


def said_of_invitation(invitation: JsonObject, *, issuer: str, expires: datetime) -> JsonObject:
    """What to state of an out-of-band invitation (RFC 0434), all of which is bound."""
    digest = _canonical_digest(_without_statement(invitation))
    return _said(str(invitation.get("@id")), invitation.get("goal"), issuer, expires) | {"digest": digest}


def condensed(statement: JsonObject) -> list[str]:
    """What a statement about an invitation says besides the invitation: a QR code has little room."""
    proof = statement["proof"]
    fragment = proof["verificationMethod"].removeprefix(statement["issuer"])
    return [
        statement["issuer"],
        statement["issued"],
        statement["content"]["expires"],
        fragment,
        proof["proofValue"],
    ]


def expanded(told: object, invitation: JsonObject) -> JsonObject:
    """The statement that was `condensed`, about this invitation; whether it was signed is yet to be seen.

    Raises `DocumentRefused`.
    """
    match told:
        case [str(issuer), str(issued), str(expires), str(fragment), str(value)]:
            end = _instant(expires)
        case _:
            raise DocumentRefused(Reason.MALFORMED, "this is no statement about an invitation")
    proof = {**FIXED, "proofPurpose": ProofPurpose.ASSERTION.value, "created": issued, "proofValue": value}
    return {
        "type": INVITES,
        "issuer": issuer,
        "issued": issued,
        "content": said_of_invitation(invitation, issuer=issuer, expires=end),
        "proof": {**proof, "verificationMethod": issuer + fragment},
    }


def said_of_request(
    thread: str, purpose: str, asked: Mapping[str, Any], ends: Ends, *, issuer: str, expires: datetime
) -> JsonObject:
    """What to state of a presentation request (RFC 0454). `asked` is what it asks, by format."""
    return _said(thread, purpose, issuer, expires) | ends.said() | {"digest": _canonical_digest(dict(asked))}


def about_invitation(statement: VerifiedStatement, invitation: JsonObject, *, now: datetime) -> HostStatement:
    """Raise `DocumentRefused` unless `statement` is about this very invitation, and still holds."""
    _require_thread(statement, invitation.get("@id"), invitation.get("goal"))
    _require_content(statement, _without_statement(invitation))
    return _read(statement, now)


def about_request(
    statement: VerifiedStatement,
    thread: str,
    purpose: str | None,
    asked: Mapping[str, Any],
    ends: Ends,
    *,
    now: datetime,
) -> HostStatement:
    """Raise `DocumentRefused` unless `statement` is about this very request on this connection, and holds."""
    _require_thread(statement, thread, purpose)
    if {name: statement.content.get(name) for name in ("from", "to")} != ends.said():
        raise DocumentRefused(Reason.OTHER_SIGNER, "the statement is for another connection")
    _require_content(statement, dict(asked))
    _require_domain_of_its_own(statement.issuer, asked)
    return _read(statement, now)


def _said(thread: str, purpose: object, issuer: str, expires: datetime) -> JsonObject:
    domain = WebvhDid.parse(issuer).base_url
    return {"thread": thread, "purpose": purpose or "", "domain": domain, "expires": iso_utc(expires)}


def _require_thread(statement: VerifiedStatement, thread: object, purpose: object) -> None:
    if not thread or statement.content.get("thread") != thread:
        raise DocumentRefused(Reason.OTHER_IDENTIFIER, "the statement is of another thread")
    if statement.content.get("purpose") != (purpose or ""):
        raise DocumentRefused(Reason.WRONG_DIGEST, "the statement says another purpose")


def _require_content(statement: VerifiedStatement, content: JsonObject) -> None:
    if statement.content.get("digest") != _canonical_digest(content):
        raise DocumentRefused(Reason.WRONG_DIGEST, "the statement is about something else")


def _require_domain_of_its_own(host: WebvhDid, asked: Mapping[str, Any]) -> None:
    """A presentation made for another domain could be shown there by who asked here."""
    for content in asked.values():
        options = content.get("options") if isinstance(content, dict) else None
        if isinstance(options, dict) and options.get("domain") != host.base_url:
            raise DocumentRefused(Reason.OTHER_DOMAIN, "the presentation is wanted for another domain")


def _read(statement: VerifiedStatement, now: datetime) -> HostStatement:
    if statement.content.get("domain") != statement.issuer.base_url:
        raise DocumentRefused(Reason.OTHER_DOMAIN, "the statement names another's domain")
    expires = _instant(statement.content.get("expires"))
    if expires <= now:
        raise DocumentRefused(Reason.EXPIRED, "the statement has expired")
    return HostStatement(statement.issuer, str(statement.content["purpose"]), expires)


def _without_statement(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != _MEMBER}


def _canonical_digest(content: JsonObject) -> str:
    try:
        return multihash_multibase(canonical_json(content))
    except Exception as error:  # the canonicaliser raises several types for what JCS cannot express
        raise DocumentRefused(Reason.MALFORMED, "what is asked has no canonical form") from error


def _instant(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the first and last days of time are not, in another zone
        raise DocumentRefused(Reason.MALFORMED, "the statement has no end") from error
    if moment.tzinfo is None:
        raise DocumentRefused(Reason.MALFORMED, "the statement's end has no zone")
    return in_utc
