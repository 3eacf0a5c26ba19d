"""What every node is told: its folders, and to be content with little memory."""

from pathlib import Path
from typing import Any

import indy_node.utils.node_runner  # noqa: F401  # its imports set the configuration back: first, so that ours stays
from indy_common.config_util import getConfig

NETWORK = "staff-passport-test"
_FOLDERS = (
    "GENERAL_CONFIG_DIR",
    "GENESIS_DIR",
    "KEYS_DIR",
    "LEDGER_DIR",
    "LOG_DIR",
    "BACKUP_DIR",
    "NODE_INFO_DIR",
    "PLUGINS_DIR",
    "DATA_DIR",
)
_WRITE_BUFFER = 256 * 1024
"""Bytes. RocksDB's own choice is 64 MiB for each of a node's many databases."""


def configuration(folder: Path) -> Any:
    """The nodes' configuration with all that they keep under `folder`."""
    (folder / "indy_config.py").write_text(f"NETWORK_NAME = {NETWORK!r}\n")
    config = getConfig(general_config_dir=str(folder))
    config.NETWORK_NAME = NETWORK
    for name in _FOLDERS:
        setattr(config, name, str(folder))
    config.enableStdOutLogging = False
    config.Max3PCBatchWait = 0.1  # seconds that a write waits for others
    for name, database in vars(config).items():
        if name.startswith("db_") and name.endswith("_config"):
            database["write_buffer_size"] = _WRITE_BUFFER
    return config
