"""SoftHSM: tokens in software that speak PKCS#11, in a folder of their own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PIN = "4711-test"
_PLACES = ("/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm")


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """A folder of tokens. A process finds them by `environment`."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "SoftHsm":
        (folder / "tokens").mkdir(parents=True)
        (folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        return cls(folder)

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def token(self, label: str) -> dict[str, Any]:
        """Make a token; what `signing_keys` in an agent's settings says of it."""
        argv = [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--pin",
            PIN,
            "--so-pin",
            "5" * 8,
        ]
        environment = {**os.environ, **self.environment}
        subprocess.run(argv, env=environment, check=True, capture_output=True)  # ours, from above
        return {"module": library(), "token": label, "pin": PIN}

    @contextmanager
    def away(self) -> Iterator[None]:
        """No token is there for as long as the block."""
        tokens, elsewhere = self.folder / "tokens", self.folder / "elsewhere"
        tokens.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(tokens)


def library() -> str:
    """SoftHSM's PKCS#11 library."""
    found = [str(file) for place in _PLACES if (file := Path(place) / "libsofthsm2.so").is_file()]
    if not found:
        pytest.fail("SoftHSM is not on this machine: install softhsm2")
    return found[0]
