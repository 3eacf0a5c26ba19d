"""What this plugin is told at start."""

from pathlib import Path

from agent.plugin_settings import PluginSettings


class TrustSettings(PluginSettings):
    """Where the list stands; see `ledger-config/`."""

    list: Path
