"""A provider of OpenID Connect that exists in a test alone: it signs what the test wants it to say."""

from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from portal.openid.id_token import Expected
from portal.sign_in_settings import Algorithm, Provider
from tests.support.portal_people import NOON

ISSUER, CLIENT, NONCE = "https://sign-in.example", "portal", "n" * 43
ACCESS_TOKEN = "an access token"  # it opens nothing
LONGEST = timedelta(hours=10)
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "other", "use": "sig"})


def claims(**changed: Any) -> dict[str, Any]:
    """What a token says when all is well; a claim that is None is left out."""
    now = int(NOON.timestamp())
    said = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "imogen-1",
        "exp": now + 300,
        "iat": now,
        "nonce": NONCE,
        "auth_time": now - 60,
        "acr": "strong",
        "email": "Imogen@northmoor.example",
        "email_verified": True,
    } | changed
    return {name: value for name, value in said.items() if value is not None}


def signed(
    said: dict[str, Any],
    *,
    key: RSAKey = KEY,
    algorithm: str = "RS256",
    kid: str | None = "one",
) -> str:
    """A token that says so."""
    header = {"alg": algorithm} | ({} if kid is None else {"kid": kid})
    return jwt.encode(header, said, key, algorithms=[algorithm])


def keys(*each: RSAKey | ECKey) -> KeySet:
    """The provider's public keys."""
    return KeySet.import_key_set({"keys": [key.as_dict(private=False) for key in each or (KEY,)]})


def expected(**changed: Any) -> Expected:
    """What one sign-in waits for."""
    said: dict[str, Any] = {
        "issuer": ISSUER,
        "client_id": CLIENT,
        "nonce": NONCE,
        "access_token": ACCESS_TOKEN,
        "algorithms": frozenset({Algorithm.RS256, Algorithm.PS256, Algorithm.ES256}),
        "longest": LONGEST,
    }
    return Expected(**said | changed)


def a_provider(**changed: Any) -> Provider:
    """A provider, as the settings name it."""
    told: dict[str, Any] = {
        "name": "Invented Smartcards",
        "issuer": ISSUER,
        "client_id": CLIENT,
        "client_secret": "s" * 16,
        "assurance": {"claim": "acr", "accepted": ["strong"]},
    }
    return Provider.model_validate(told | changed)
