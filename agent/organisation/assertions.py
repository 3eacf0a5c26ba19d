"""The signed assertion with which a portal or a machine says who does what, right now."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

import jwt

from agent.domain.errors import NotAuthenticated
from agent.domain.ports.authentication import Act
from agent.domain.workforce import OdsCode

TYPE = "staff-passport-assertion+jwt"
LONGEST_LIFE = timedelta(seconds=60)
LEEWAY = timedelta(seconds=5)
"""How far the clocks of portal and agent may differ."""
ID_LENGTH = range(16, 65)
"""Long enough to be unique, short enough to be kept."""
_REQUIRED = ["iss", "sub", "aud", "org", "iat", "exp", "jti", "auth_time", "acr", "htm", "htu", "bdh"]


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What a trusted key signed of this very act; made by `AssertionVerifier` alone."""

    id: str
    issuer: str  # the name of the key: which program signed
    user_id: str
    signed_in_at: datetime
    assurance: str
    expires_at: datetime


def body_digest(body: bytes) -> str:
    """Base64url of SHA-256, unpadded: the `bdh` claim."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class AssertionVerifier:
    """Checks an EdDSA JWT (RFC 8725: fixed algorithm and type, every claim present) against an act.

    A key is one program's, so its name is who issued the assertion (`iss`).
    """

    keys: Mapping[str, str]  # key id → PEM of an Ed25519 public key
    audience: str
    organisation: OdsCode

    def verify(self, assertion: str | None, act: Act) -> VerifiedAssertion:
        """Raise `NotAuthenticated`, saying why to the log, unless `assertion` is for `act`, here and now."""
        if not assertion:
            raise NotAuthenticated("there is no assertion")
        claims = self._signed_claims(assertion)
        wanted = {"org": self.organisation, "htm": act.method, "htu": act.path, "bdh": body_digest(act.body)}
        if wrong := [name for name, value in wanted.items() if claims[name] != value]:
            raise NotAuthenticated(f"the assertion is for another act: {', '.join(wrong)}")
        return _verified(claims)

    def _signed_claims(self, assertion: str) -> dict[str, object]:
        try:
            header = jwt.get_unverified_header(assertion)
            name = str(header.get("kid"))
            key = self.keys.get(name)
            if key is None or header.get("typ") != TYPE:
                raise NotAuthenticated("the key or the type of the assertion is unknown")
            claims: dict[str, object] = jwt.decode(
                assertion,
                key,
                algorithms=["EdDSA"],
                audience=self.audience,
                issuer=name,
                leeway=LEEWAY,
                options={"require": _REQUIRED, "strict_aud": True},
            )
        except jwt.PyJWTError as error:
            raise NotAuthenticated(f"the assertion does not verify: {type(error).__name__}") from error
        return claims


def _verified(claims: dict[str, object]) -> VerifiedAssertion:
    try:
        issued, expires, signed_in = (_instant(claims[name]) for name in ("iat", "exp", "auth_time"))
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise NotAuthenticated("a time in the assertion is not one") from error
    if expires - issued > LONGEST_LIFE:
        raise NotAuthenticated("the assertion lives too long")
    identifier, user = claims["jti"], claims["sub"]
    if not (_is_id(identifier) and isinstance(user, str)):
        raise NotAuthenticated("the assertion's id or subject is malformed")
    return VerifiedAssertion(identifier, str(claims["iss"]), user, signed_in, str(claims["acr"]), expires)


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) in ID_LENGTH and value.isprintable()


def _instant(value: object) -> datetime:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return datetime.fromtimestamp(value, UTC)
