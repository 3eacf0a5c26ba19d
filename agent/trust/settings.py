"""What this plugin is told at start."""

from datetime import timedelta
from pathlib import Path

from agent.plugin_settings import PluginSettings


class TrustSettings(PluginSettings):
    """From which root the list at `url` is verified; `folder` keeps what was seen of it."""

    root: Path
    folder: Path
    url: str
    refetch_after: timedelta
    is_operator: bool
