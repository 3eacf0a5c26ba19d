"""What this plugin is told at start. Durations are ISO 8601 or seconds."""

from datetime import timedelta

from pydantic import Field

from agent.plugin_settings import PluginSettings


class VerifierSettings(PluginSettings):
    """How long things stand, and how old a record may be that a host relies on."""

    invitation_life: timedelta = timedelta(days=3)
    answer_within: timedelta = timedelta(hours=24)
    record_at_most: timedelta = Field(default=timedelta(days=365), gt=timedelta(0))
    short_life_at_most: timedelta = Field(default=timedelta(0), ge=timedelta(0), le=timedelta(days=7))
    """Of a W3C credential without status; zero accepts none."""
    reconcile_every: timedelta = timedelta(minutes=1)
    check_again_every: timedelta = Field(
        default=timedelta(minutes=2), gt=timedelta(0), le=timedelta(minutes=5)
    )
    """How often the host asks whether what it accepted still counts."""
