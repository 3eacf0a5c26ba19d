"""Installs the provider of the sign-in tests: exactly what its lock file names; none of it is run."""

import fcntl
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAMP = HERE / "node_modules" / ".installed-lock"
NPM_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-timeout=30000")


def install() -> None:
    """Install it, unless it is here already. Safe to call from several processes at once.

    Raises `subprocess.CalledProcessError` when that fails.
    """
    lock = (HERE / "package-lock.json").read_text()
    with (HERE / ".install-lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if STAMP.is_file() and STAMP.read_text() == lock:
            return
        STAMP.unlink(missing_ok=True)
        subprocess.run(["npm", "ci", *NPM_FLAGS], cwd=HERE, stdout=sys.stderr, check=True)
        STAMP.write_text(lock)


if __name__ == "__main__":
    install()
