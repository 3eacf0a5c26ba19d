"""What the wallet is told when it starts."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)
from yarl import URL

from signed_documents.outbound_guard import private_endpoint

Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


def _origin(text: str) -> str:
    url = URL(text)
    if url.scheme != "https" or not url.host or "." not in url.host or url != url.origin():
        raise ValueError("must be https with a dotted host, no port and no path: it stands in identifiers")
    return str(url.origin()).rstrip("/")


def _base(text: str) -> str:
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or url != url.origin():
        raise ValueError("must be http or https with a host, and no path")
    return str(url.origin()).rstrip("/")


def _storage(secret: SecretStr) -> SecretStr:
    url = URL(secret.get_secret_value())
    parts = (url.host, url.user, url.password, url.path.strip("/"))
    if url.scheme != "postgresql" or not all(parts) or "/" in url.path.strip("/"):
        raise ValueError("must be postgresql://ACCOUNT:PASSWORD@HOST:PORT/DATABASE")
    return secret


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Control(_Section):
    """Where the person's own client reaches the wallet, and with which key."""

    host: str = "127.0.0.1"
    port: Port
    api_key: Annotated[SecretStr, Field(min_length=16)]


class Didcomm(_Section):
    """Where other agents reach the wallet: `endpoint` is what they are told.

    `private_endpoints` are hosts, addresses and networks within the own walls that it may send to, also
    without TLS. Everything else is reached at a public address and with TLS, or not at all.
    """

    host: str = "127.0.0.1"
    port: Port
    endpoint: HttpUrl
    private_endpoints: tuple[Annotated[str, AfterValidator(private_endpoint)], ...] = ()


class Phone(_Section):
    """Where the demonstration's phone is: pages for whoever sits at this machine, and for nobody else.

    They ask for no sign-in, so they are never served at another address than this machine's own.
    """

    port: Port


class Storage(_Section):
    """Askar's database, `postgresql://ACCOUNT:PASSWORD@HOST:PORT/DATABASE`, and the key to what is in it."""

    key: Annotated[SecretStr, Field(min_length=16)]
    storage: Annotated[SecretStr, AfterValidator(_storage)]

    @property
    def _url(self) -> URL:
        return URL(self.storage.get_secret_value())

    @property
    def address(self) -> str:
        return f"{self._url.host}:{self._url.port or 5432}"

    @property
    def database(self) -> str:
        return unquote(self._url.path.strip("/"))

    @property
    def account(self) -> str:
        return str(self._url.user)

    @property
    def password(self) -> str:
        return str(self._url.password)


class Registry(_Section):
    """`origins` maps an origin in identifiers to where this machine finds it; others are asked as named."""

    origins: dict[Annotated[str, AfterValidator(_origin)], Annotated[str, AfterValidator(_base)]] = {}
    contexts: dict[str, Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]] = {}
    """JSON-LD contexts that W3C credentials may name: address → SHA-256 of the canonical JSON (RFC 8785)."""


class TrustList(_Section):
    """Where the list of who is registered is, the root that it is verified from, and what was seen of it.

    `refetch_after` is how old, in seconds, a copy may be on which somebody is believed.
    """

    url: HttpUrl
    root: Path
    folder: Path
    refetch_after: Annotated[int, Field(ge=0, le=300)] = 300


class Hosts(_Section):
    """How organisations that invite or ask are looked at.

    `unregistered`: what becomes of those that do not prove to be registered. They are declined unasked, or
    shown to the person as what they are, who then decides.
    """

    trust: TrustList | None = None
    types: dict[str, str] = {}
    """How the list calls each type of credential: the credential's own name for it → the list's."""
    unregistered: Literal["decline", "ask"] = "decline"

    @model_validator(mode="after")
    def _has_list(self) -> Self:
        if self.unregistered == "decline" and self.trust is None:
            raise ValueError("needs `trust`, the list of who is registered, or `unregistered: ask`")
        return self


class Settings(_Section):
    """Everything the wallet's process needs."""

    label: Name
    """What other agents are told this wallet is called."""
    control: Control
    didcomm: Didcomm
    wallet: Storage
    registry: Registry = Registry()
    hosts: Hosts
    phone: Phone | None = None
    ledgers: FilePath | None = None
    """Where Indy ledgers are, as ACA-Py's `--genesis-transactions-list` has it, with whole paths."""
    log_level: Literal["info", "warning", "error"] = "warning"
    """Not debug: ACA-Py then logs whole messages, claims included."""
