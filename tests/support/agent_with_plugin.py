"""An agent with one plugin more: `python -m tests.support.agent_with_plugin PLUGIN FILE`."""

import sys
from pathlib import Path
from typing import Any

from agent.process import run
from agent.settings import Settings
from staff_passport.configuration import load


class SettingsWithPlugin(Settings):
    """An agent's settings, by which it loads the plugin that the command line names, too."""

    @property
    def plugin_configuration(self) -> dict[str, dict[str, Any]]:
        return {**super().plugin_configuration, sys.argv[1]: {}}


if __name__ == "__main__":
    run(load(SettingsWithPlugin, Path(sys.argv[2]), process="agent"))
