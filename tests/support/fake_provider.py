"""A provider of OpenID Connect without a network, which can be away, wrong or somebody else."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc.jwk import RSAKey

from portal.openid.fetching import Fetching
from portal.openid.refusals import NotSignedInThere, Reason
from tests.support.id_tokens import KEY, claims, signed


class FakeProvider(Fetching):
    """What it says of itself, which keys it has, and what it gives for a code."""

    def __init__(self, issuer: str) -> None:
        self.metadata: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "userinfo_endpoint": f"{issuer}/me",
            "end_session_endpoint": f"{issuer}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        self.is_away = False
        self.key, self.kid = KEY, "one"
        self.said: dict[str, Any] = {"iss": issuer}
        """In its next token, beside what is usual."""
        self.asked: list[str] = []
        self.form: dict[str, str] = {}
        """What came with the last code."""
        self.headers: dict[str, str] = {}

    def turns_to(self, key: RSAKey, kid: str) -> None:
        """Sign with another key from now on."""
        self.key, self.kid = key, kid

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        match self._asked_for(address):
            case "/keys":
                return {"keys": [self.key.as_dict(private=False) | {"kid": self.kid}]}
            case "/me":
                return {"sub": self.said.get("sub", "imogen-1")}
            case _:
                return self.metadata

    async def post(self, address: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
        self._asked_for(address)
        self.form, self.headers = dict(parse_qsl(body)), dict(headers)
        token = signed(claims(**self.said), key=self.key, kid=self.kid)
        return {"access_token": "an access token", "id_token": token}

    def _asked_for(self, address: str) -> str:
        if self.is_away:
            raise NotSignedInThere(Reason.UNAVAILABLE)
        path = urlsplit(address).path
        self.asked.append(path)
        return path
