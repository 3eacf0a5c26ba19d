"""What this plugin is told at start."""

from datetime import timedelta

from agent.plugin_settings import PluginSettings


class OperatorSettings(PluginSettings):
    """How long things stand."""

    invitation_life: timedelta = timedelta(days=14)
    reconcile_every: timedelta = timedelta(minutes=1)
