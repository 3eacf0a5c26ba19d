"""What this plugin is told at start."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from agent.domain.actors import Permission
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.organisation.machines import Machine
from agent.plugin_settings import PluginSettings


class MachineSettings(BaseModel):
    """A program that acts in its own name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str  # PEM of an Ed25519 public key
    permissions: frozenset[Permission]
    expires: AwareDatetime


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
    nominated_users: Path
    database_url: SecretStr
    audit_salt: SecretStr = Field(min_length=16)
    audit_copies: Path | None = None  # the folder of the second place where checkpoints are kept
    checkpoint_every: int = Field(default=300, ge=5, le=3600)  # seconds

    @property
    def organisation(self) -> Organisation:
        """The data controller as the domain has it."""
        return Organisation(OdsCode(self.ods_code), self.name, Vpd(self.vpd) if self.vpd else None)

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
