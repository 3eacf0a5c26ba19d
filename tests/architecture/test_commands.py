"""What a person types: make and its tools, before anything is installed."""

import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def run(*command: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    # Not what the `make` that runs these tests was told.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment["PATH"] = path
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def a_machine_with(folder: Path, **programs: str) -> str:
    """A PATH with `programs`, each a line of shell, beside bash and the like."""
    for name, line in programs.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)
    for name in ("bash", "sh"):
        (folder / name).symlink_to(f"/bin/{name}")
    return str(folder)


def test_make_alone_says_what_there_is_to_type() -> None:
    shown = run("make")

    targets = re.findall(r"^make ([a-z-]+) +\S", shown.stdout, re.MULTILINE)
    assert {"demo", "test", "check", "format", "help"} <= set(targets)
    assert shown.stderr == ""


def test_what_a_machine_lacks_is_said_in_one_line(tmp_path: Path) -> None:
    path = a_machine_with(tmp_path, node="exit 1", gcc="exit 0")

    shown = run("tools/require", "cc", "c++", "node", "npm", path=path)

    assert shown.returncode == 1
    assert shown.stderr == "missing on this machine: a C++ compiler, Node 20 or later, npm\n"


def test_a_machine_that_lacks_nothing_is_left_in_peace(tmp_path: Path) -> None:
    path = a_machine_with(tmp_path, node="exit 0", npm="exit 0")

    shown = run("tools/require", "node", "npm", path=path)

    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "", "")


@pytest.mark.parametrize("script", ["tools/setup", "tools/require", "tools/test", ".ci/run"])
def test_a_script_can_be_run_and_stops_at_the_first_fault(script: str) -> None:
    file = PROJECT / script

    assert os.access(file, os.X_OK)
    assert run("bash", "-n", script).returncode == 0
    assert re.search(r"^set -(euo pipefail|u)$", file.read_text(), re.MULTILINE)
