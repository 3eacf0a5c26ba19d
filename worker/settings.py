"""What the worker is told at start."""

from pathlib import Path
from typing import Annotated, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _private_key(pem: SecretStr) -> SecretStr:
    try:
        key = load_pem_private_key(pem.get_secret_value().encode(), None)
    except (ValueError, TypeError) as error:
        raise ValueError("must be the PEM of an Ed25519 private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be the PEM of an Ed25519 private key")  # noqa: TRY004  # what pydantic expects
    return pem


class Agent(_Section):
    """An agent, and who the worker is to it.

    A machine that may deliver notifications, run retention, and have staff files imported.
    `tokens` are those of the organisations of a shared agent, by ODS code, in place of the agent's own key.
    """

    url: HttpUrl
    organisations: Annotated[list[str], Field(min_length=1)]
    machine: str
    key: Annotated[SecretStr, AfterValidator(_private_key)]
    api_key: SecretStr | None = None
    tokens: dict[str, SecretStr] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _it_is_let_in(self) -> Self:
        if self.api_key is None and set(self.tokens) != set(self.organisations):
            raise ValueError("api_key is needed, or a token for each organisation")
        return self


class Queue(_Section):
    """One agent's queue, in its database, as a role that sees nothing else of it."""

    database: SecretStr
    agent: Agent


class Smtp(_Section):
    """A mail server. Without `tls` it must be on this machine."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = True
    certificate_authority: Path | None = None

    @model_validator(mode="after")
    def _encrypted_unless_local(self) -> Self:
        if not self.tls and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("without tls the mail server must be on this machine")
        return self


class Mail(_Section):
    """How mail goes out: by a server, or into a folder for demonstrations."""

    sender: str
    smtp: Smtp | None = None
    outbox: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.smtp is None) == (self.outbox is None):
            raise ValueError("mail goes by smtp, or into an outbox")
        return self


class Settings(_Section):
    """Everything a worker needs."""

    queues: Annotated[list[Queue], Field(min_length=1)]
    mail: Mail
    retention_at: Annotated[str, Field(pattern=r"^\d{1,2} \d{1,2}$")] = "30 3"
    """Minute and hour (UTC) at which what is due is erased, each day."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 12
    """At sending one message, ever further apart."""
