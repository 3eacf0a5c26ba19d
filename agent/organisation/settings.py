"""What this plugin is told at start."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from agent.domain.actors import Permission, Role
from agent.domain.credentials import PASSPORT_TYPES
from agent.domain.ports.personal_data import CategoryName
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.organisation.machines import Machine
from agent.organisation.people.service import FirstPerson
from agent.organisation.registration.service import Purposes
from agent.plugin_settings import PluginSettings


class MachineSettings(BaseModel):
    """A program that acts in its own name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str  # PEM of an Ed25519 public key
    permissions: frozenset[Permission]
    expires: AwareDatetime


class FirstPersonSettings(BaseModel):
    """Somebody who may act before anybody was entered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    email: str
    roles: frozenset[Role]


class OrganisationSettings(PluginSettings):
    """The data controller for whom this agent speaks, and who may speak for it."""

    ods_code: str = Field(pattern=r"^[A-Z0-9]{3,6}$")
    name: str = Field(min_length=1)
    vpd: str | None = Field(default=None, pattern=r"^\d{3}$")
    audience: str = Field(min_length=1)
    portal_keys: dict[str, str] = Field(min_length=1, max_length=2)  # key id → PEM; two while one is rotated
    machine_clients: dict[str, MachineSettings] = Field(
        default_factory=dict
    )  # by name, which is its key's id
    first_people: dict[str, FirstPersonSettings] = Field(min_length=1)
    portal: HttpUrl
    terms: Path
    retention: dict[CategoryName, timedelta] = Field(default_factory=dict)
    issues: bool = False
    verifies: bool = False
    is_operator: bool = False
    database_url: SecretStr
    audit_salt: SecretStr = Field(min_length=16)
    audit_copies: Path | None = None  # the folder of the second place where checkpoints are kept
    checkpoint_every: int = Field(default=300, ge=5, le=3600)  # seconds
    ask_operator_every: timedelta = timedelta(minutes=5)

    @property
    def organisation(self) -> Organisation:
        """The data controller as the domain has it."""
        return Organisation(OdsCode(self.ods_code), self.name, Vpd(self.vpd) if self.vpd else None)

    @property
    def first(self) -> Mapping[str, FirstPerson]:
        """Who is entered when nobody is, by the name that their sign-in has."""
        return {
            user: FirstPerson(each.name, each.email, each.roles) for user, each in self.first_people.items()
        }

    @property
    def portal_url(self) -> str:
        """Where links in messages lead."""
        return str(self.portal).rstrip("/")

    @property
    def purposes(self) -> Purposes:
        """What the organisation asks to be on the trust list for."""
        return Purposes(
            may_issue=PASSPORT_TYPES if self.issues else (), may_ask=PASSPORT_TYPES if self.verifies else ()
        )

    @property
    def keys(self) -> Mapping[str, str]:
        """Every key that may sign an assertion, by its id: a portal's or a machine's."""
        return {**self.portal_keys, **{name: machine.key for name, machine in self.machine_clients.items()}}

    @property
    def machines(self) -> Mapping[str, Machine]:
        """The machines as the look-up has them."""
        return {
            name: Machine(machine.permissions, machine.expires)
            for name, machine in self.machine_clients.items()
        }
