"""What must never stand in an environment's folder: it is handed round."""

import re
from collections.abc import Iterator
from pathlib import Path

from staff_passport.doctor_findings import Finding

_SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a private key as JWK": re.compile(r'"kty"\s*:.*"d"\s*:|"d"\s*:.*"kty"\s*:'),
    "a secret": re.compile(
        r"""^\s*["']?\w*(secret|password|passphrase|seed|token|private_?key|api_?key)["']?\s*:\s*\S""",
        re.IGNORECASE,
    ),
    "a password in an address": re.compile(r"\w+://[^/\s:@]+:[^/\s@]+@"),
}


def faults_of_secrets(folder: Path) -> Iterator[Finding]:
    """Where something looks like a secret."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            text = file.read_bytes().decode("utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                for what, pattern in _SECRETS.items():
                    if pattern.search(line):
                        yield Finding(file, number, f"this looks like {what}: take it out, and change it")
