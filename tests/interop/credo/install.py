"""Installs the Credo wallet of the interop tests: npm packages, the addons to build, Askar's library."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
NATIVE = HERE / ".native"
ASKAR_LIBRARY = NATIVE / "aries_askar"
"""The folder that askar-nodejs calls LIB_ASKAR_PATH."""
STAMP = HERE / "node_modules" / ".installed-for"
SOURCES = ("package.json", "package-lock.json", "native-requirements.txt", "install.py")
# The only packages whose install scripts run: each compiles a small addon. Others would download binaries.
BUILT_HERE = (
    "@2060.io/ref-napi",
    "@2060.io/ffi-napi",
    "get-uv-event-loop-napi-h",
    "get-symbol-from-current-process-h",
)
NPM_FLAGS = (
    "--ignore-scripts",
    "--legacy-peer-deps",  # Credo's packages name peers for React Native
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--fetch-timeout=30000",  # milliseconds; npm's own limit lets one hung download take five minutes
)


def install() -> None:
    """Install what the lock files name; returns at once when that is already here.

    Safe to call from several processes at once. Raises `subprocess.CalledProcessError` when a step fails.
    """
    with _alone():
        if not _is_installed():
            _install()


def _install() -> None:
    STAMP.unlink(missing_ok=True)
    _run("npm", "ci", *NPM_FLAGS)
    _run("npm", "rebuild", *BUILT_HERE)
    target = ("--target", str(NATIVE), "--python", sys.executable)
    _run("uv", "pip", "install", "--no-deps", "--require-hashes", *target, "-r", "native-requirements.txt")
    STAMP.write_text(_sources_digest())


@contextmanager
def _alone() -> Iterator[None]:
    # Not inside the folder that uv fills: uv locks that one with a `.lock` of its own.
    with (HERE / ".install-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_installed() -> bool:
    return ASKAR_LIBRARY.is_dir() and STAMP.is_file() and STAMP.read_text() == _sources_digest()


def _sources_digest() -> str:
    digest = hashlib.sha256(f"node {_node_version()}".encode())
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def _node_version() -> str:
    """Node's version; an addon built for one version of Node may not load in another."""
    return subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _run(*command: str) -> None:
    # What the steps say goes to standard error: a caller may read our standard output.
    subprocess.run(command, cwd=HERE, env=os.environ | _build_settings(), stdout=sys.stderr, check=True)


def _build_settings() -> dict[str, str]:
    """Settings of node-gyp: this Python, and Node's own headers where they are installed beside it."""
    headers = _node_prefix() / "include" / "node" / "node.h"
    found = {"npm_config_nodedir": str(_node_prefix())} if headers.is_file() else {}
    return {"PYTHON": sys.executable} | found


def _node_prefix() -> Path:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is not on the PATH: the interop tests need Node 20 or newer")
    return Path(node).resolve().parent.parent


if __name__ == "__main__":
    install()
