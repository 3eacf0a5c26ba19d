"""`staff-passport tenant`: how two custodians of a shared agent let an organisation's program in."""

import sys
from collections.abc import Sequence
from pathlib import Path

from agent import custody
from agent.domain.errors import NotFound, Refused, Unavailable
from agent.settings import Settings
from staff_passport.configuration import ConfigurationError, load

REFUSED = 1
"""The exit code when there is no agreement, or no token."""


def agree(organisation: str, name: str, key: Path) -> int:
    """Write a custodian's agreement to standard output; the exit code."""
    try:
        sys.stdout.write(custody.agree(organisation, name, _read(key)) + "\n")
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{key.name}: is not the PEM of an Ed25519 private key") from error
    return 0


def token(organisation: str, agreed: Sequence[Path], config: Path | None) -> int:
    """Write a token to standard output, if the agreements are enough; the exit code."""
    settings = load(Settings, config, process="agent")
    try:
        made = custody.make_token(settings, organisation, [_read(file).strip() for file in agreed])
    except (Refused, NotFound, Unavailable) as refused:
        sys.stderr.write(f"staff-passport: {refused.sentence}\n")
        return REFUSED
    sys.stdout.write(made + "\n")
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: cannot be read") from error
