import os
import sys

import pytest
from typer.testing import CliRunner

from staff_passport.cli import app
from staff_passport.launch import LAUNCHES

OF_PROCESSES = {"migrate-portal": ["portal", "migrate"]}
"""Commands that stand under the process that they are for."""


def test_the_help_names_every_process() -> None:
    shown = CliRunner().invoke(app, ["--help"])

    assert shown.exit_code == 0
    assert all(process in shown.output for process in ({*LAUNCHES, "demo"} - set(OF_PROCESSES)))


@pytest.mark.parametrize("process", LAUNCHES)
def test_a_subcommand_becomes_its_process_with_the_same_settings(
    process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[tuple[str, ...]] = []
    monkeypatch.setattr(os, "execv", lambda _program, argv: became.append(tuple(argv)))

    CliRunner().invoke(app, [*OF_PROCESSES.get(process, [process]), "--config", "settings.yml"])

    launched = (sys.executable, "-P", "-m", "staff_passport.launch", process, "--config", "settings.yml")
    assert became == [launched]
