"""What the portal is told when it starts."""

from typing import Annotated, Self

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import (
    AfterValidator,
    Field,
    HttpUrl,
    IPvAnyAddress,
    SecretStr,
    StringConstraints,
    model_validator,
)
from yarl import URL

from portal.sections import LOOPBACK, Name, Secret, Section
from portal.sections import origin as web_origin
from portal.sign_in_settings import SignIn

OdsCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]


def _private_key(pem: SecretStr) -> SecretStr:
    try:
        key = load_pem_private_key(pem.get_secret_value().encode(), None)
    except (ValueError, TypeError) as error:
        raise ValueError("must be the PEM of an Ed25519 private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be the PEM of an Ed25519 private key")  # noqa: TRY004  # what pydantic expects
    return pem


def _fernet(key: SecretStr) -> SecretStr:
    try:
        Fernet(key.get_secret_value())
    except ValueError as error:
        raise ValueError("must be 32 bytes as base64url") from error
    return key


def _database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith("postgresql://"):
        raise ValueError("must be postgresql://ACCOUNT:PASSWORD@HOST:PORT/DATABASE")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]


class Database(Section):
    """`url` as a role that owns nothing; `migration_url` as the owner, which `portal migrate` alone needs."""

    url: DatabaseUrl
    migration_url: DatabaseUrl | None = None


class Signing(Section):
    """The key that signs who makes a call; agents know its public half by `id`, among their `portal_keys`."""

    id: Name
    key: Annotated[SecretStr, AfterValidator(_private_key)]


class Organisation(Section):
    """Where one organisation's agent is, and what lets us in: its own key, or a token at a shared agent."""

    name: Name
    agent: HttpUrl
    api_key: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _let_in_one_way(self) -> Self:
        if (self.api_key is None) == (self.token is None):
            raise ValueError("needs api_key, or token, and not both")
        return self


class Sessions(Section):
    """When somebody has to sign in again: after so long without a page, and after so long in any case."""

    idle_minutes: Annotated[int, Field(ge=1, le=120)] = 30
    longest_hours: Annotated[int, Field(ge=1, le=24)] = 10


class Persona(Section):
    """Somebody of a demonstration, who signs in by a button to an account whose password nobody needs."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=256, to_lower=True)]
    name: Name
    what: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What they are, in a line."""


class Settings(Section):
    """`origin` is what browsers see; `host` and `port` are where this process listens.

    `totp_key` encrypts what authenticator apps share with us; `form_key` makes the tokens of forms.
    `trusted_proxies` are the addresses whose word we take for where a request came from.
    """

    origin: Annotated[str, AfterValidator(web_origin)]
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]
    trusted_proxies: tuple[IPvAnyAddress, ...] = ()
    database: Database
    totp_key: Annotated[SecretStr, AfterValidator(_fernet)]
    form_key: Annotated[SecretStr, Field(min_length=32)]
    signing: Signing
    organisations: Annotated[dict[OdsCode, Organisation], Field(min_length=1)]
    sessions: Sessions = Sessions()
    sign_in: SignIn = SignIn()
    agent_seconds: Annotated[float, Field(gt=0, le=60)] = 10
    """How long an agent may take to answer."""
    demonstration: bool = False
    """Whether every page says that people and organisations are invented."""
    personas: tuple[Persona, ...] = ()
    """Whom the sign-in page lets in without a password: in a demonstration, on this very machine."""

    @model_validator(mode="after")
    def _personas_stay_on_this_machine(self) -> Self:
        here = URL(self.origin).host in LOOPBACK and self.host in LOOPBACK
        if self.personas and not (self.demonstration and here):
            raise ValueError("personas: only for a demonstration whose origin and host are this machine")
        return self
