"""What this plugin is told at start. Durations are ISO 8601 or seconds."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, model_validator

from agent.domain.credentials import CredentialFormat, W3cDataModel
from agent.plugin_settings import PluginSettings

LONGEST_SHORT_LIFE = timedelta(days=7)
"""What has no status may be wrong for this long, and no longer."""


class StockWallets(StrEnum):
    """How a wallet that takes no W3C status comes to W3C credentials."""

    NONE = "none"  # not at all: it has AnonCreds
    PROPOSAL = "proposal"  # short-lived ones, when it proposes one and names its `did:key`


class IssuerSettings(PluginSettings):
    """How long things stand, and how large a revocation registry is."""

    code_key: SecretStr = Field(min_length=16)  # keys the stored digests of one-time codes
    invitation_life: timedelta = timedelta(days=3)
    one_time_code_life: timedelta = timedelta(minutes=15)
    offer_life: timedelta = timedelta(days=14)
    repeat_after: timedelta = timedelta(minutes=1)  # of silence; then after 2, 4, 8 … minutes
    reconcile_every: timedelta = timedelta(minutes=1)
    formats: frozenset[CredentialFormat] = Field(default=frozenset(CredentialFormat), min_length=1)
    """What is offered to a wallet that can bind both; any other is offered AnonCreds."""
    w3c_data_model: W3cDataModel = W3cDataModel.V1_1
    """Offered in W3C's format; 2.0 only to a wallet that says it takes it, 1.1 to any other."""
    stock_wallets: StockWallets = StockWallets.NONE
    short_life: timedelta = Field(default=LONGEST_SHORT_LIFE, gt=timedelta(0), le=LONGEST_SHORT_LIFE)
    """Of a short-lived credential, which is offered anew at half of it."""
    revocation_registry_size: int = Field(default=1_000, ge=4, le=32_768)

    @model_validator(mode="after")
    def _short_lived_credentials_are_w3cs(self) -> Self:
        if self.stock_wallets is not StockWallets.NONE and CredentialFormat.W3C not in self.formats:
            raise ValueError("stock_wallets needs w3c among the formats")
        return self
