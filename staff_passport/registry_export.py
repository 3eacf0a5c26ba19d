"""`staff-passport registry export`: with the settings of a registry, which may be running."""

from pathlib import Path

from registry.export import command
from registry.settings import Settings
from staff_passport.configuration import load


def export(folder: Path, config: Path | None) -> int:
    """Write the site; the exit code."""
    return command(load(Settings, config, process="registry"), folder)
