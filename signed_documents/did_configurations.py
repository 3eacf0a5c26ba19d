"""That a DID and a web origin belong together, said by both: DIF's Well Known DID Configuration.

The DID says so in a Domain Linkage Credential; the origin, by publishing it. We sign the credential as a JSON
Web Token, one of the two forms that the specification has, and the one that others verify, too. Whoever is
linked in the other form only is not linked for us.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydid import DIDDocument

from signed_documents.contexts import CREDENTIALS_V1
from signed_documents.did_documents import assertion_key
from signed_documents.encoding import JsonObject
from signed_documents.errors import DocumentNotFound, DocumentRefused, Reason
from signed_documents.identifiers import checked_origin
from signed_documents.keys import Signer
from signed_documents.proofs import iso_utc
from signed_documents.resolution import Fetch, WebvhReader, utc_now
from signed_documents.services import LINKED_DOMAINS

CONTEXT = "https://identity.foundation/.well-known/did-configuration/v1"
WELL_KNOWN = "/.well-known/did-configuration.json"
MAX_CONFIGURATION_BYTES = 1024 * 1024
MAX_LINKAGE_BYTES = 8 * 1024
MAX_ORIGINS = 10
"""How many of a DID's origins are asked: each is a request that the DID's holder makes us send."""
LIFETIME = timedelta(days=365)
CLOCK_SKEW = timedelta(minutes=5)

_TYPES = ["VerifiableCredential", "DomainLinkageCredential"]
_HEADER = {"alg", "kid"}
_CLAIMS = {"exp", "iss", "nbf", "sub", "vc"}
_CREDENTIAL = {"@context", "type", "issuer", "issuanceDate", "expirationDate", "credentialSubject"}
_SUBJECT = {"id", "origin"}


@dataclass(frozen=True, slots=True)
class DomainLinkage:
    """That the DID's holder and the origin's are one, from when until when."""

    did: str
    origin: str
    valid_from: datetime
    valid_until: datetime


async def sign_linkage(linkage: DomainLinkage, signer: Signer) -> str:
    """The Domain Linkage Credential, as a JSON Web Token."""
    header = {"alg": "EdDSA", "kid": signer.verification_method}
    signed = f"{_encoded(header)}.{_encoded(_claims(linkage))}"
    return f"{signed}.{_base64url(await signer.sign(signed.encode()))}"


def configuration(linkages: Sequence[str]) -> bytes:
    """The file that an origin publishes, with these credentials."""
    return json.dumps({"@context": CONTEXT, "linked_dids": list(linkages)}, indent=1).encode()


def linkages(text: bytes) -> tuple[str, ...]:
    """The credentials in an origin's file that are JSON Web Tokens. Raises `DocumentRefused`."""
    if len(text) > MAX_CONFIGURATION_BYTES:
        raise DocumentRefused(Reason.TOO_LARGE, "the DID configuration is larger than any we read")
    try:
        match json.loads(text):
            case {"@context": str(context), "linked_dids": list(linked)} if context == CONTEXT:
                return tuple(each for each in linked if isinstance(each, str))
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "this is not JSON") from error
    raise DocumentRefused(Reason.MALFORMED, "this is no DID configuration")


def claimed_linkage(token: str) -> DomainLinkage:
    """What a credential says, which is yet to be verified. Raises `DocumentRefused`."""
    return _Token.parse(token).linkage()


def verify_linkage(token: str, signer: DIDDocument, *, origin: str, now: datetime) -> DomainLinkage:
    """The linkage of `origin` in `token`, if the DID whose verified document `signer` is says so now.

    Raises `DocumentRefused` with the reason.
    """
    parsed = _Token.parse(token)
    linkage = parsed.linkage()
    if linkage.did != str(signer.id):
        raise DocumentRefused(Reason.OTHER_SIGNER, "the credential links another DID")
    if linkage.origin != origin:
        raise DocumentRefused(Reason.OTHER_DOMAIN, "the credential links another origin")
    if linkage.valid_from > now + CLOCK_SKEW or linkage.valid_until <= now:
        raise DocumentRefused(Reason.EXPIRED, "the credential is not valid now")
    parsed.verify(assertion_key(signer, parsed.key_id))
    return linkage


def verify_configuration(text: bytes, signer: DIDDocument, *, origin: str, now: datetime) -> DomainLinkage:
    """The linkage of `signer`'s DID in the file that `origin` publishes.

    Raises `DocumentNotFound` when the file does not name the DID, `DocumentRefused` when none of the
    credentials that do verifies; what it says of others is theirs.
    """
    refusals = []
    for token in linkages(text):
        if _links(token, str(signer.id)):
            try:
                return verify_linkage(token, signer, origin=origin, now=now)
            except DocumentRefused as refused:
                refusals.append(refused)
    if refusals:
        raise refusals[0]
    raise DocumentNotFound("the origin does not name the DID")


def linked_origins(document: DIDDocument) -> tuple[str, ...]:
    """The origins that a DID says are its own, as it writes them: not one of them is checked yet."""
    services = [each for each in document.service or () if LINKED_DOMAINS in _several(each.type)]
    endpoints = [each for service in services for each in _several(service.service_endpoint)]
    return tuple(dict.fromkeys(origin for endpoint in endpoints for origin in _origins(endpoint)))


class DomainLinkages:
    """Asks origins whether they belong to a DID. They are strangers': `fetch` stands behind a guard."""

    def __init__(self, reader: WebvhReader, fetch: Fetch, clock: Callable[[], datetime] = utc_now) -> None:
        self._reader = reader
        self._fetch = fetch
        self._clock = clock

    async def origins(self, did: str) -> tuple[str, ...]:
        """The origins that the DID says are its own now, the first `MAX_ORIGINS` of them."""
        return linked_origins((await self._reader.log(did, fresh=True)).document)[:MAX_ORIGINS]

    async def verified(self, did: str, origin: str) -> DomainLinkage:
        """The linkage, if DID and origin both say so now.

        Raises `DocumentRefused` or `DocumentNotFound` when it is not so, `DocumentUnavailable` when that
        cannot be known.
        """
        checked = _origin(origin)
        text = await self._fetch(f"{checked}{WELL_KNOWN}")
        try:
            return await self._verified(text, did, checked, fresh=False)
        except DocumentRefused as refused:
            if refused.reason is not Reason.KEY_NOT_ASSERTED:
                raise
        # The key may be newer than the document that was kept.
        return await self._verified(text, did, checked, fresh=True)

    async def _verified(self, text: bytes, did: str, origin: str, *, fresh: bool) -> DomainLinkage:
        signer = (await self._reader.log(did, fresh=fresh)).document
        return verify_configuration(text, signer, origin=origin, now=self._clock())


@dataclass(frozen=True, slots=True)
class _Token:
    """A JSON Web Token in parts, with the members that the specification has and no others."""

    signed: bytes
    key_id: str
    claims: JsonObject
    signature: bytes

    @classmethod
    def parse(cls, token: str) -> "_Token":
        if len(token) > MAX_LINKAGE_BYTES:
            raise DocumentRefused(Reason.TOO_LARGE, "the credential is larger than any we read")
        match token.split("."):
            case [first, second, third]:
                header, claims, signature = _object(first), _object(second), _decoded(third)
            case _:
                raise DocumentRefused(Reason.MALFORMED, "this is not a JSON Web Token")
        if header.get("alg") != "EdDSA":
            raise DocumentRefused(Reason.UNSUPPORTED_PROOF, "the token is not signed with EdDSA")
        if set(header) != _HEADER or not isinstance(header["kid"], str):
            raise DocumentRefused(Reason.MALFORMED, "the token's header is not as it must be")
        return cls(f"{first}.{second}".encode(), header["kid"], claims, signature)

    def linkage(self) -> DomainLinkage:
        match self.claims:
            case {
                "exp": int(until),
                "iss": str(did),
                "nbf": int(since),
                "sub": str(subject),
                "vc": {"credentialSubject": {"id": holder, "origin": str(origin)}, "issuer": issuer} as vc,
            } if set(self.claims) == _CLAIMS and _is_credential(vc):
                if {subject, issuer, holder} != {did}:
                    raise DocumentRefused(Reason.OTHER_ISSUER, "the credential is of more than one DID")
                linkage = DomainLinkage(did, _origin(origin), _at(since), _at(until))
                _require_same_times(vc, linkage)
                return linkage
        raise DocumentRefused(Reason.MALFORMED, "this is no Domain Linkage Credential")

    def verify(self, public_key: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.signed)
        except InvalidSignature as error:
            raise DocumentRefused(Reason.BAD_SIGNATURE, "the signature does not fit the token") from error


def _claims(linkage: DomainLinkage) -> JsonObject:
    return {
        "exp": int(linkage.valid_until.timestamp()),
        "iss": linkage.did,
        "nbf": int(linkage.valid_from.timestamp()),
        "sub": linkage.did,
        "vc": {
            "@context": [CREDENTIALS_V1, CONTEXT],
            "issuer": linkage.did,
            "issuanceDate": iso_utc(linkage.valid_from),
            "expirationDate": iso_utc(linkage.valid_until),
            "type": _TYPES,
            "credentialSubject": {"id": linkage.did, "origin": linkage.origin},
        },
    }


def _is_credential(vc: JsonObject) -> bool:
    """Whether the form is the specification's: an `id`, above all, may not stand there."""
    return (
        set(vc) == _CREDENTIAL
        and set(vc["credentialSubject"]) == _SUBJECT
        and vc["@context"] == [CREDENTIALS_V1, CONTEXT]
        and vc["type"] == _TYPES
        and all(isinstance(vc[name], str) for name in ("issuer", "issuanceDate", "expirationDate"))
        and isinstance(vc["credentialSubject"]["id"], str)
    )


def _require_same_times(vc: JsonObject, linkage: DomainLinkage) -> None:
    try:
        said = [datetime.fromisoformat(vc[name]) for name in ("issuanceDate", "expirationDate")]
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the credential's dates are none") from error
    if any(each.tzinfo is None for each in said):
        raise DocumentRefused(Reason.MALFORMED, "the credential's dates have no zone")
    if [each.replace(microsecond=0) for each in said] != [linkage.valid_from, linkage.valid_until]:
        raise DocumentRefused(Reason.MALFORMED, "token and credential are not of the same time")


def _links(token: str, did: str) -> bool:
    """Whether a credential says that it is this DID's, whatever else is wrong with it."""
    try:
        return _Token.parse(token).claims.get("iss") == did
    except DocumentRefused:
        return False


def _origin(text: str) -> str:
    try:
        return checked_origin(text.lower())
    except ValueError as error:
        raise DocumentRefused(Reason.OTHER_DOMAIN, "this is not an origin with https") from error


def _origins(endpoint: object) -> tuple[str, ...]:
    match endpoint:
        case {"origins": list(several)}:
            return tuple(str(each) for each in several)
        case dict():
            return ()
    return (str(endpoint),)


def _several(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else (value,)


def _at(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise DocumentRefused(Reason.MALFORMED, "the credential's times are none") from error


def _encoded(value: JsonObject) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _object(part: str) -> JsonObject:
    try:
        value = json.loads(_decoded(part))
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "a part of the token is not JSON") from error
    if not isinstance(value, dict):
        raise DocumentRefused(Reason.MALFORMED, "a part of the token is no JSON object")
    return value


def _decoded(part: str) -> bytes:
    """Base64url, written in the one way in which it is: the same token has one text."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise DocumentRefused(Reason.MALFORMED, "a part of the token is not base64url") from error
    if _base64url(data) != part:
        raise DocumentRefused(Reason.MALFORMED, "a part of the token is not base64url as it must be")
    return data
