"""What this plugin is told at start."""

from pathlib import Path

from pydantic import Field, SecretStr

from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.plugin_settings import PluginSettings


class OrganisationSettings(PluginSettings):
    """The data controller for whom this agent speaks, and who may speak for it."""

    ods_code: str = Field(pattern=r"^[A-Z0-9]{3,6}$")
    name: str = Field(min_length=1)
    vpd: str | None = Field(default=None, pattern=r"^\d{3}$")
    audience: str = Field(min_length=1)
    portal_keys: dict[str, str] = Field(min_length=1, max_length=2)  # key id → PEM; two while one is rotated
    nominated_users: Path
    database_url: SecretStr
    audit_salt: SecretStr = Field(min_length=16)
    audit_copies: Path | None = None  # the folder of the second place where checkpoints are kept
    checkpoint_every: int = Field(default=300, ge=5, le=3600)  # seconds

    @property
    def organisation(self) -> Organisation:
        """The data controller as the domain has it."""
        return Organisation(OdsCode(self.ods_code), self.name, Vpd(self.vpd) if self.vpd else None)
