"""The ID token (OpenID Connect Core 1.0, section 3.1.3.7): believed when every rule holds."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oidc.core.util import create_half_hash
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from portal.openid.refusals import NotSignedInThere, Reason

LEEWAY = timedelta(seconds=60)
"""How far a provider's clock may be off."""
OLDEST = timedelta(minutes=10)
"""A token comes straight from its provider: one that was made long ago is not ours."""
LONGEST_SUBJECT = 255
SHORTEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be the answer to one sign-in."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: frozenset[str]
    longest: timedelta
    """How long ago the person may have signed in at the provider."""


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token that was verified."""

    subject: str
    authenticated_at: datetime
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Unverified:
    """Signed by the provider; what it says is not looked at yet."""

    claims: Mapping[str, Any]
    algorithm: str


def key_named(token: str) -> str | None:
    """Which key the token says it was signed with. Raises `NotSignedInThere` when it is none."""
    try:
        named = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "id_token_unreadable") from error
    return named if isinstance(named, str) else None


def verified(token: str, keys: KeySet, expected: Expected, now: datetime) -> IdToken:
    """Believe a token. Raises `NotSignedInThere`, with every rule that it breaks."""
    signed = _signed(token, keys, expected.algorithms)
    if broken := [name for name, rule in RULES.items() if not rule(signed, expected, now)]:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "id_token_" + ",".join(broken))
    signed_in = _instant(signed.claims, "auth_time")
    if signed_in is None:  # a rule said so
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "id_token_auth_time")
    return IdToken(str(signed.claims["sub"]), signed_in, signed.claims)


def _signed(token: str, keys: KeySet, algorithms: frozenset[str]) -> _Unverified:
    try:
        key = keys.get_by_kid(key_named(token))
        _require_strong(key)
        read = jwt.decode(token, key, algorithms=sorted(algorithms))
    except (JoseError, ValueError, RecursionError) as error:
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, f"id_token_{type(error).__name__}") from error
    return _Unverified(read.claims, str(read.header["alg"]))


def _require_strong(key: object) -> None:
    if isinstance(key, RSAKey):
        if key.public_key.key_size < SHORTEST_RSA:
            raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "id_token_key_too_short")
    elif not isinstance(key, ECKey):
        raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "id_token_key_of_another_kind")


def _is_of_the_issuer(token: _Unverified, expected: Expected, _: datetime) -> bool:
    return bool(token.claims.get("iss") == expected.issuer)


def _is_for_us_alone(token: _Unverified, expected: Expected, _: datetime) -> bool:
    # Stricter than the standard: of other audiences we do not know whether to trust them (3.1.3.7, 3).
    return token.claims.get("aud") in (expected.client_id, [expected.client_id])


def _was_asked_for_by_us(token: _Unverified, expected: Expected, _: datetime) -> bool:
    return bool(token.claims.get("azp", expected.client_id) == expected.client_id)


def _has_not_ended(token: _Unverified, _: Expected, now: datetime) -> bool:
    ends = _instant(token.claims, "exp")
    return ends is not None and now < ends + LEEWAY


def _has_begun(token: _Unverified, _: Expected, now: datetime) -> bool:
    if "nbf" not in token.claims:
        return True
    begins = _instant(token.claims, "nbf")
    return begins is not None and begins <= now + LEEWAY


def _is_new(token: _Unverified, _: Expected, now: datetime) -> bool:
    made = _instant(token.claims, "iat")
    return made is not None and now - OLDEST - LEEWAY <= made <= now + LEEWAY


def _answers_this_sign_in(token: _Unverified, expected: Expected, _: datetime) -> bool:
    nonce = token.claims.get("nonce")
    return isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode())


def _names_somebody(token: _Unverified, _: Expected, __: datetime) -> bool:
    subject = token.claims.get("sub")
    return isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()


def _says_when_they_signed_in(token: _Unverified, expected: Expected, now: datetime) -> bool:
    signed_in = _instant(token.claims, "auth_time")
    return signed_in is not None and now - expected.longest - LEEWAY <= signed_in <= now + LEEWAY


def _goes_with_the_access_token(token: _Unverified, expected: Expected, _: datetime) -> bool:
    if "at_hash" not in token.claims:
        return True
    half: bytes | None = create_half_hash(expected.access_token, token.algorithm)
    said = token.claims["at_hash"]
    return half is not None and isinstance(said, str) and hmac.compare_digest(half, said.encode())


RULES: Mapping[str, Callable[[_Unverified, Expected, datetime], bool]] = {
    "iss": _is_of_the_issuer,
    "aud": _is_for_us_alone,
    "azp": _was_asked_for_by_us,
    "exp": _has_not_ended,
    "nbf": _has_begun,
    "iat": _is_new,
    "nonce": _answers_this_sign_in,
    "sub": _names_somebody,
    "auth_time": _says_when_they_signed_in,
    "at_hash": _goes_with_the_access_token,
}
"""By the claim that each looks at."""


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate (RFC 7519, section 2), if it is one."""
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
