"""What the portal is told about how people sign in: here, and at providers of OpenID Connect."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator
from yarl import URL

from portal.sections import Name, Secret, Section, origin, safe_address

SHORTEST_RSA = 2048
OPENID = "openid"
"""The scope that asks for an ID token."""

ProviderId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,30}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,200}$")]
"""A scope, a claim's name or a value that is sent in a list: no spaces (RFC 6749, appendix A.4)."""


class Algorithm(StrEnum):
    """How an ID token may be signed (RFC 7518): by a key that the provider alone has."""

    RS256 = "RS256"
    RS512 = "RS512"
    PS256 = "PS256"
    ES256 = "ES256"


def _issuer(text: str) -> str:
    url = URL(safe_address(text))
    if url.query_string or url.fragment:
        raise ValueError("must have no query and no fragment")
    return text


def _client_key(pem: SecretStr) -> SecretStr:
    try:
        key = load_pem_private_key(pem.get_secret_value().encode(), None)
    except (ValueError, TypeError) as error:
        raise ValueError("must be the PEM of an RSA or P-256 private key") from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= SHORTEST_RSA:
        return pem
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return pem
    raise ValueError("must be the PEM of an RSA key of at least 2048 bits, or of a P-256 key")


class ClientKey(Section):
    """Proves to a provider who we are (`private_key_jwt`); it knows the public half by `id`."""

    id: Name
    key: Annotated[SecretStr, AfterValidator(_client_key)]
    algorithm: Algorithm | None = None
    """RS256 for an RSA key and ES256 for a P-256 key, unless the provider wants another one."""


class Assurance(Section):
    """How strongly the provider has to have seen who it is: one claim, and the values that are enough.

    The claim may be a list, as `amr` is: then one of its values has to be enough. Absent means no.
    """

    claim: Word
    accepted: Annotated[tuple[str, ...], Field(min_length=1)]
    told_agents: Word | None = None
    """What agents are told as `acr`; `urn:staff-passport:acr:` and the provider's id when nothing is said."""


class Provider(Section):
    """Somewhere else where people sign in.

    `email_claim` has the address that agents know them by; `verified_claim` has to say that it is theirs.
    Null there means that the provider is trusted for it.
    """

    name: Name
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Name
    client_secret: Secret | None = None
    client_key: ClientKey | None = None
    scopes: Annotated[tuple[Word, ...], Field(min_length=1)] = (OPENID, "email")
    acr_values: tuple[Word, ...] = ()
    """What is asked for; `assurance` says what is accepted."""
    email_claim: Word = "email"
    verified_claim: Word | None = "email_verified"
    userinfo: bool = False
    """Whether the address is read from the userinfo endpoint as well."""
    assurance: Assurance
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = (
        Algorithm.RS256,
        Algorithm.PS256,
        Algorithm.ES256,
    )
    longest_minutes: Annotated[int, Field(ge=1, le=1440)] = 600
    """How long ago somebody may have signed in there."""
    pages_at: Annotated[str, AfterValidator(origin)] | None = None
    """The origin of its pages, where that is not the issuer's."""

    @model_validator(mode="after")
    def _proves_who_we_are_one_way(self) -> Self:
        if (self.client_secret is None) == (self.client_key is None):
            raise ValueError("needs client_secret, or client_key, and not both")
        if OPENID not in self.scopes:
            raise ValueError("scopes: needs openid")
        return self

    @cached_property
    def pages_origin(self) -> str:
        """The one place to which our forms may lead."""
        return self.pages_at or str(URL(self.issuer).origin()).rstrip("/")


class SignIn(Section):
    """After `wrong_tries` in a row an account is locked; an address has `tries_per_address` in a while.

    `local` is signing in here: with a password and a code, or with a passkey.
    """

    wrong_tries: Annotated[int, Field(ge=3, le=20)] = 5
    locked_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    tries_per_address: Annotated[int, Field(ge=5)] = 30
    address_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    local: bool = True
    providers: dict[ProviderId, Provider] = Field(default_factory=dict)
    provider_seconds: Annotated[float, Field(gt=0, le=30)] = 5
    """How long a provider may take to answer."""

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> Self:
        if not (self.local or self.providers):
            raise ValueError("local is off and there are no providers: nobody could sign in")
        return self
