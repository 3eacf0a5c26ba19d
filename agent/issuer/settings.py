"""What this plugin is told at start. Durations are ISO 8601 or seconds."""

from datetime import timedelta

from pydantic import Field, SecretStr

from agent.domain.credentials import CredentialFormat, W3cDataModel
from agent.plugin_settings import PluginSettings


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
    revocation_registry_size: int = Field(default=1_000, ge=4, le=32_768)
