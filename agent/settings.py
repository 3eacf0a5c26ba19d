"""What an agent is told at start: who it speaks for, where its neighbours are, and what it is for.

An agent issues when it has an `issuer` section (and `esr`), verifies when it has a `verifier` section, and is
the operator's when it has an `operator` section.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast
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

from agent.domain.actors import Permission, Role
from agent.domain.ports.personal_data import CategoryName
from signed_documents.outbound_guard import private_endpoint

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


class FirstPerson(_Section):
    """Somebody who may act before anybody was entered: who registers, or the operator's staff."""

    name: Name
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{3,190}$")]
    roles: Annotated[frozenset[Role], Field(min_length=1)]


class OrganisationSection(_Section):
    """The data controller, and who may act for it.

    `first_people` are entered when nobody is, by the name that their sign-in has; from then on people are
    nominated and removed by people.
    """

    ods_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,6}$")]
    name: Name
    vpd: Annotated[str, StringConstraints(pattern=r"^\d{3}$")] | None = None
    first_people: Annotated[
        dict[Annotated[str, StringConstraints(min_length=1, max_length=120)], FirstPerson],
        Field(min_length=1),
    ]
    portal: HttpUrl
    terms: Path
    retention: dict[CategoryName, Annotated[timedelta, Field(ge=timedelta(days=1))]] = Field(
        default_factory=dict
    )
    portal_keys: Annotated[dict[str, Ed25519Pem], Field(min_length=1, max_length=2)]
    machine_clients: dict[MachineName, MachineClient] = Field(default_factory=dict)
    audit_salt: Secret
    audit_copies: Path | None = None
    checkpoint_every: Annotated[int, Field(ge=5, le=3600)] = 300
    ask_operator_every: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(hours=1))] = (
        timedelta(minutes=5)
    )

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
    """Where wallets reach the agent: `endpoint` is what they are told.

    `private_endpoints` are hosts, addresses and networks within the own walls that it may send to, also
    without TLS. Everything else is reached at a public address and with TLS, or not at all.
    `invitation_page` is where the link of an invitation leads whoever opens it in a browser; a wallet reads
    the invitation out of it, wherever it leads.
    """

    host: str = "127.0.0.1"
    port: Port
    endpoint: HttpUrl
    invitation_page: HttpUrl | None = None
    private_endpoints: tuple[Annotated[str, AfterValidator(private_endpoint)], ...] = ()


class Database(_Section):
    """`url` as a role that owns nothing and is bound by row-level security; `migration_url` as the owner.

    `worker_role` is whom migrations let at the queue of jobs, and at nothing else.
    """

    url: PostgresUrl
    migration_url: PostgresUrl | None = None
    worker_role: Name | None = None


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
    """The trust list: the file with the root from which it is verified, and a folder of this process's own.

    The folder keeps what was seen, so that nobody goes back in time. `url` is where the list is distributed:
    at the registry, unless it says otherwise. No verdict is given on a copy older than `refetch_after`.
    """

    root: Path
    folder: Path
    url: HttpUrl | None = None
    refetch_after: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=5))] = timedelta(
        minutes=5
    )


class RegistryMode(StrEnum):
    """Where AnonCreds objects stand, and who runs the registry. DIDs are on did:webvh in each."""

    WEBVH_EMBEDDED = "webvh-embedded"
    WEBVH_EXTERNAL = "webvh-external"
    INDY = "indy"


class Agreement(_Section):
    """The ledger's transaction author agreement (TAA), that is accepted: no other version is."""

    mechanism: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class IndySection(_Section):
    """An Indy ledger: the file that says where it is, and what the environment's people agreed on it.

    `operator` is the DID under which the national schemas stand there, unknown until the operator has one.
    """

    ledgers: Path
    operator: str | None = None
    taa: Agreement | None = None


class RegistrySection(BaseModel):
    """Which mode, and what it needs; all else goes to the plugin of did:webvh as it is."""

    model_config = ConfigDict(extra="allow", frozen=True)

    mode: RegistryMode = RegistryMode.WEBVH_EMBEDDED
    indy: IndySection | None = None

    @property
    def webvh(self) -> dict[str, Any]:
        """What the plugin of did:webvh is told."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _is_of_its_mode(self) -> Self:
        if (self.mode is RegistryMode.INDY) != (self.indy is not None):
            raise ValueError("an indy section goes with the mode indy, and with no other")
        if self.mode is RegistryMode.WEBVH_EXTERNAL:
            url = URL(str(self.webvh.get("registry_url", "")))
            if url.scheme != "https" or url.host in _THIS_MACHINE:
                raise ValueError("registry_url of another's registry is https, and not on this machine")
        return self


_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class OwnSections(_Section):
    """What one of many organisations has of its own; its registry section goes over the common one."""

    organisation: OrganisationSection
    registry: dict[str, Any] = Field(default_factory=dict)
    esr: dict[str, Any] | None = None
    issuer: dict[str, Any] | None = None
    verifier: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _an_issuer_has_staff_records(self) -> Self:
        if (self.issuer is None) != (self.esr is None):
            raise ValueError("issuer and esr go together: who issues attests what ESR says")
        return self


class Shared(_Section):
    """What many organisations on one agent need besides their own.

    Whoever runs this could sign for any of them. `custodians` are the people of whom two must agree before a
    token for an organisation is made.
    """

    token_secret: Annotated[SecretStr, Field(min_length=32)]
    custodians: Annotated[dict[Name, Ed25519Pem], Field(min_length=2)]
    organisations: Annotated[list[OwnSections], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_is_one(self) -> Self:
        if len(set(map(_raw_key, self.custodians.values()))) < len(self.custodians):
            raise ValueError("two custodians have one key: each needs their own")
        codes = [each.organisation.ods_code for each in self.organisations]
        if len(set(codes)) < len(codes):
            raise ValueError("two organisations have one ODS code")
        return self


class Settings(_Section):
    """Everything an agent's process needs. The last sections go to their plugins as they are.

    It speaks for one organisation, or for those of its `shared` section.
    """

    organisation: OrganisationSection | None = None
    shared: Shared | None = None
    admin: Admin
    didcomm: Didcomm
    database: Database
    wallet: Wallet
    trust: Trust
    registry: RegistrySection
    esr: dict[str, Any] | None = None
    issuer: dict[str, Any] | None = None
    verifier: dict[str, Any] | None = None
    operator: dict[str, Any] | None = None
    log_level: Literal["info", "warning", "error"] = "warning"
    """Not debug: ACA-Py then logs whole messages, claims included."""

    @model_validator(mode="after")
    def _one_organisation_or_many(self) -> Self:
        if (self.organisation is None) == (self.shared is None):
            raise ValueError("an agent speaks for one organisation (organisation) or for many (shared)")
        own = (self.esr, self.issuer, self.verifier, self.operator)
        if self.shared is not None and any(section is not None for section in own):
            raise ValueError("esr, issuer and verifier stand with each organisation of shared")
        if self.shared is not None and self.registry.mode is RegistryMode.INDY:
            raise ValueError("with the mode indy an agent speaks for one organisation, whose DID writes")
        return self

    @model_validator(mode="after")
    def _an_issuer_has_staff_records(self) -> Self:
        if (self.issuer is None) != (self.esr is None):
            raise ValueError("issuer and esr go together: who issues attests what ESR says")
        return self

    @model_validator(mode="after")
    def _directors_come_first(self) -> Self:
        """Administrators are nominated, invited, and sign in: no setting goes round that."""
        first = [each for own in self.organisations for each in own.organisation.first_people.values()]
        if self.operator is None and any(each.roles != {Role.HR_DIRECTOR} for each in first):
            raise ValueError("first_people of an organisation are HR directors; they nominate everybody else")
        return self

    @property
    def label(self) -> str:
        """What wallets are told, unless an organisation of its own tells them."""
        return "Staff Passport" if self.organisation is None else self.organisation.name

    @property
    def organisations(self) -> list[OwnSections]:
        """Every organisation for which this agent speaks."""
        if self.shared is not None:
            return [
                each.model_copy(update={"registry": {**self.registry.webvh, **each.registry}})
                for each in self.shared.organisations
            ]
        own = OwnSections.model_construct(organisation=cast("OrganisationSection", self.organisation))
        sections = {
            "registry": self.registry.webvh,
            "esr": self.esr,
            "issuer": self.issuer,
            "verifier": self.verifier,
        }
        return [own.model_copy(update=sections)]

    @property
    def plugin_configuration(self) -> dict[str, dict[str, Any]]:
        """ACA-Py's plugin configuration: what each plugin is told for each organisation that has it."""
        told: dict[str, dict[str, Any]] = {}
        for own in self.organisations:
            for plugin, values in self._of(own).items():
                known = told.setdefault(plugin, {"many": self.shared is not None, "organisations": {}})
                known["organisations"][own.organisation.ods_code] = values
        return {plugin: told[plugin] for plugin in _ORDER if plugin in told}

    def _of(self, own: OwnSections) -> dict[str, dict[str, Any]]:
        told: dict[str, dict[str, Any] | None] = {
            "agent.organisation": self._organisation(own),
            "agent.webvh": own.registry,
            "agent.trust": self._trust(own),
            "agent.indy": self._indy(),
            "agent.esr_plugin": own.esr and {**own.esr, "vpd": own.organisation.vpd},
            "agent.issuer": own.issuer,
            "agent.verifier": own.verifier,
            "agent.operator": self.operator,
        }
        return {plugin: values for plugin, values in told.items() if values is not None}

    def _indy(self) -> dict[str, Any] | None:
        indy = self.registry.indy
        return None if indy is None else {"operator": indy.operator}

    def _trust(self, own: OwnSections) -> dict[str, Any]:
        url = self.trust.url or f"{own.registry.get('origin', '')}/trust-list"
        return {**self.trust.model_dump(), "url": str(url), "is_operator": self.operator is not None}

    def _organisation(self, own: OwnSections) -> dict[str, Any]:
        return {
            **own.organisation.model_dump(),
            "audience": own.organisation.audience,
            "database_url": self.database.url,
            "issues": own.issuer is not None,
            "verifies": own.verifier is not None,
            "is_operator": self.operator is not None,
        }


_ORDER = (
    "agent.organisation",
    "agent.webvh",
    "agent.indy",
    "agent.trust",
    "agent.operator",
    "agent.esr_plugin",
    "agent.issuer",
    "agent.verifier",
)
"""What comes first binds what the others ask for while they are set up."""
