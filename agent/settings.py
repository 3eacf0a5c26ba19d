"""What an agent is told at start: who it speaks for, where its neighbours are, and what it is for.

An agent issues when it has an `issuer` section (and `esr`), and verifies when it has a `verifier` section.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)
from yarl import URL

from agent.domain.actors import Permission

Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
MachineName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Secret = Annotated[SecretStr, Field(min_length=16)]


def _postgres(secret: SecretStr) -> SecretStr:
    url = URL(secret.get_secret_value())
    if url.scheme != "postgresql" or not (url.host and url.user and url.path.strip("/")):
        raise ValueError("must be postgresql://ACCOUNT:PASSWORD@HOST:PORT/DATABASE")
    return secret


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _raw_key(pem: str) -> bytes:
    """The 32 bytes of an Ed25519 public key. Raises `ValueError` for anything else."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("must be the PEM of an Ed25519 public key")  # noqa: TRY004  # what pydantic expects
    return key.public_bytes_raw()


def _ed25519(pem: str) -> str:
    _raw_key(pem)
    return pem


Ed25519Pem = Annotated[str, AfterValidator(_ed25519)]


class MachineClient(_Section):
    """A program that acts in its own name: with its own key, for so long, and no more than this."""

    key: Ed25519Pem
    permissions: Annotated[frozenset[Permission], Field(min_length=1)]
    expires: AwareDatetime


class OrganisationSection(_Section):
    """The data controller, and who may act for it."""

    ods_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
    name: Name
    vpd: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] | None = None
    nominated_users: Path
    portal_keys: Annotated[dict[str, Ed25519Pem], Field(min_length=1, max_length=2)]
    machine_clients: dict[MachineName, MachineClient] = Field(default_factory=dict)
    audit_salt: Secret
    audit_copies: Path | None = None
    checkpoint_every: Annotated[int, Field(ge=5, le=3600)] = 300

    @model_validator(mode="after")
    def _a_key_is_one_programs(self) -> Self:
        if both := sorted(self.portal_keys.keys() & self.machine_clients.keys()):
            raise ValueError(f"a portal key and a machine client have one name: {', '.join(both)}")
        pems = [*self.portal_keys.values(), *(each.key for each in self.machine_clients.values())]
        if len(set(map(_raw_key, pems))) < len(pems):
            raise ValueError("two programs have one key: each portal and each machine needs its own")
        return self

    @property
    def audience(self) -> str:
        """What an assertion for this agent must name."""
        return f"urn:staff-passport:agent:{self.ods_code}"


class Admin(_Section):
    """Where the portal reaches the agent. Never on a network that a browser can reach."""

    host: str = "127.0.0.1"
    port: Port
    api_key: Secret


class Didcomm(_Section):
    """Where wallets reach the agent: `endpoint` is what they are told."""

    host: str = "127.0.0.1"
    port: Port
    endpoint: HttpUrl


class Database(_Section):
    """`url` as a role that owns nothing and is bound by row-level security; `migration_url` as the owner."""

    url: PostgresUrl
    migration_url: PostgresUrl | None = None


class Wallet(_Section):
    """Askar's own database in the same cluster, and the key to what is in it."""

    key: Secret
    storage: PostgresUrl

    @property
    def _url(self) -> URL:
        return URL(self.storage.get_secret_value())

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self._url.host}:{self._url.port or 5432}"

    @property
    def database(self) -> str:
        """The database's name, which is the wallet's too."""
        return unquote(self._url.path.strip("/"))

    @property
    def credentials(self) -> dict[str, str]:
        """As whom Askar connects."""
        return {"account": str(self._url.user), "password": str(self._url.password)}


class Trust(_Section):
    """Where the trust list stands."""

    list: Path


class Settings(_Section):
    """Everything an agent's process needs. The last sections go to their plugins as they are."""

    organisation: OrganisationSection
    admin: Admin
    didcomm: Didcomm
    database: Database
    wallet: Wallet
    trust: Trust
    registry: dict[str, Any]
    esr: dict[str, Any] | None = None
    issuer: dict[str, Any] | None = None
    verifier: dict[str, Any] | None = None
    log_level: Literal["info", "warning", "error"] = "warning"
    """Not debug: ACA-Py then logs whole messages, claims included."""

    @model_validator(mode="after")
    def _an_issuer_has_staff_records(self) -> Self:
        if (self.issuer is None) != (self.esr is None):
            raise ValueError("issuer and esr go together: who issues attests what ESR says")
        return self

    @property
    def plugin_configuration(self) -> dict[str, dict[str, Any]]:
        """ACA-Py's plugin configuration: which plugins to load, and what each is told."""
        told: dict[str, dict[str, Any] | None] = {
            "agent.organisation": self._organisation,
            "agent.webvh": self.registry,
            "agent.trust": self.trust.model_dump(),
            "agent.esr_plugin": self.esr and {**self.esr, "vpd": self.organisation.vpd},
            "agent.issuer": self.issuer,
            "agent.verifier": self.verifier,
        }
        return {plugin: values for plugin, values in told.items() if values is not None}

    @property
    def _organisation(self) -> dict[str, Any]:
        own = self.organisation.model_dump()
        return {**own, "audience": self.organisation.audience, "database_url": self.database.url}
