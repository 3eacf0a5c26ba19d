"""Makes the environment in which Indy nodes run: Python 3.8, and what `requirements.txt` names."""

import ctypes.util
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
ENVIRONMENT = HERE / ".environment"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "installed-for"
SOURCES = ("requirements.txt", "install.py")
_BUILDS_OTHERS = "setuptools==59.8.0"
"""The last with which the nodes' older dependencies still build."""
_IS_38 = "import sys; sys.exit(sys.version_info[:2] != (3, 8))"


def install() -> None:
    """Install what is named; returns at once when that is already here.

    Safe to call from several processes at once. Raises `CalledProcessError` when a step fails, and
    `FileNotFoundError` when something is missing that only the machine's own packages have.
    """
    with _alone():
        if not _is_installed():
            _install()


def _install() -> None:
    if ctypes.util.find_library("sodium") is None:
        raise FileNotFoundError("libsodium is missing: install it (Debian: libsodium23)")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _uv("venv", "--python", _python(), str(ENVIRONMENT))
    _uv("pip", "install", "--python", str(PYTHON), "--no-deps", _BUILDS_OTHERS, "wheel")
    exactly = ("--no-build-isolation", "--require-hashes", "--compile-bytecode")
    _uv("pip", "sync", "--python", str(PYTHON), *exactly, str(HERE / "requirements.txt"))
    STAMP.write_text(_sources_digest())


def _python() -> str:
    """A Python 3.8 that runs: one on the PATH may be a shim that only says "command not found"."""
    for candidate in _candidates():
        try:
            found = subprocess.run([candidate, "-c", _IS_38], capture_output=True, check=False)
        except OSError:
            continue
        if found.returncode == 0:
            return candidate
    _uv("python", "install", "3.8")
    return "3.8"


def _candidates() -> Iterator[str]:
    yield "python3.8"
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(root.glob("versions/3.8*/bin/python")))


def _is_installed() -> bool:
    return STAMP.is_file() and STAMP.read_text() == _sources_digest()


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    with (HERE / ".install-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _uv(*arguments: str) -> None:
    # What the steps say goes to standard error: a caller may read our standard output.
    subprocess.run(("uv", *arguments, "--quiet"), stdout=sys.stderr, check=True)


if __name__ == "__main__":
    install()
