"""What we say to a provider: where a browser goes, and how a code becomes claims."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import InvalidKeyTypeError
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

from portal.openid.discovery import Discovery, Metadata
from portal.openid.fetching import Fetching
from portal.openid.id_token import Expected, key_named, verified
from portal.openid.person import ProvenPerson, proven_person
from portal.openid.refusals import NotSignedInThere, Reason
from portal.sign_in_settings import Algorithm, ClientKey, Provider

ASSERTION_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Secrets:
    """What binds one sign-in together: only the browser and the provider ever get to see any of it."""

    state: str
    nonce: str
    verifier: str
    """Of PKCE (RFC 7636)."""


@dataclass(frozen=True, slots=True)
class ProviderClient:
    """We, at one provider."""

    provider: Provider
    redirect_uri: str
    discovery: Discovery
    fetching: Fetching
    now: Callable[[], datetime]

    async def authorization_address(self, secrets: Secrets, *, again: bool) -> str:
        """Where the browser goes; with `again` somebody signs in even if the provider knows them still."""
        metadata = await self.discovery.metadata()
        provider = self.provider
        address: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            provider.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=list(provider.scopes),
            state=secrets.state,
            nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.verifier),
            code_challenge_method="S256",
            acr_values=" ".join(provider.acr_values) or None,
            max_age=str(provider.longest_minutes * 60),
            prompt="login" if again else None,
        )
        return address

    async def require_issuer(self, said: str | None) -> None:
        """Refuse an answer that is another provider's (RFC 9207). Raises `NotSignedInThere`."""
        metadata = await self.discovery.metadata()
        if said is None and not metadata.authorization_response_iss_parameter_supported:
            return
        if said != self.provider.issuer:
            raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "answer_of_another_issuer")

    async def person(self, code: str, secrets: Secrets) -> ProvenPerson:
        """Whom a code stands for. Raises `NotSignedInThere`."""
        tokens = await self._tokens(code, secrets)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "no_tokens")
        keys = await self.discovery.keys(named=key_named(id_token))
        token = verified(id_token, keys, self._expected(secrets, access_token), self.now())
        return proven_person(token, await self._userinfo(access_token), self.provider)

    async def sign_out_address(self, back_to: str) -> str | None:
        """Where the browser signs out there as well (RP-Initiated Logout 1.0), if it can."""
        endpoint = (await self.discovery.metadata()).end_session_endpoint
        if endpoint is None:
            return None
        told = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back_to}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(told)}"

    def _expected(self, secrets: Secrets, access_token: str) -> Expected:
        return Expected(
            self.provider.issuer,
            self.provider.client_id,
            secrets.nonce,
            access_token,
            frozenset(self.provider.algorithms),
            timedelta(minutes=self.provider.longest_minutes),
        )

    async def _tokens(self, code: str, secrets: Secrets) -> dict[str, Any]:
        metadata = await self.discovery.metadata()
        proof = _client_proof(self.provider, metadata)
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            code_verifier=secrets.verifier,
            **proof.fields,
        )
        return await self.fetching.post(metadata.token_endpoint, proof.headers, body)

    async def _userinfo(self, access_token: str) -> dict[str, Any]:
        if not self.provider.userinfo:
            return {}
        endpoint = (await self.discovery.metadata()).userinfo_endpoint
        if endpoint is None:
            raise NotSignedInThere(Reason.NOT_UNDERSTOOD, "no_userinfo_endpoint")
        return await self.fetching.get(endpoint, {"Authorization": f"Bearer {access_token}"})


@dataclass(frozen=True, slots=True)
class _ClientProof:
    """How one request says who we are."""

    headers: Mapping[str, str]
    fields: Mapping[str, str]


def _client_proof(provider: Provider, metadata: Metadata) -> _ClientProof:
    if provider.client_key is not None:
        return _ClientProof({}, _assertion(provider.client_id, provider.client_key, metadata))
    secret = _told(provider.client_secret)
    if "client_secret_basic" not in metadata.token_endpoint_auth_methods_supported:
        return _ClientProof({}, {"client_id": provider.client_id, "client_secret": secret})
    # Each is a form's value before it is put into the header (RFC 6749, section 2.3.1).
    auth = ClientAuth(quote_plus(provider.client_id), quote_plus(secret), "client_secret_basic")
    headers: dict[str, str] = auth.prepare("POST", metadata.token_endpoint, {}, "")[1]
    return _ClientProof(headers, {})


def _assertion(client_id: str, told: ClientKey, metadata: Metadata) -> dict[str, str]:
    key = _client_key(_told(told.key))
    usual = Algorithm.RS256 if isinstance(key, RSAKey) else Algorithm.ES256
    signed = private_key_jwt_sign(
        key,
        client_id,
        metadata.token_endpoint,
        alg=str(told.algorithm or usual),
        header={"kid": told.id},
        expires_in=ASSERTION_SECONDS,
    )
    return {"client_id": client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


def _client_key(pem: str) -> RSAKey | ECKey:
    try:
        return RSAKey.import_key(pem)
    except InvalidKeyTypeError:
        return ECKey.import_key(pem)


def _told(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
