"""Which way imports point; the contracts themselves stand in pyproject.toml."""

import configparser
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
PLUGIN_FILES = ("routes.py", "events.py", "service.py")


@pytest.fixture(scope="module")
def import_linter() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return settings


def layers_within(import_linter: dict[str, Any], contract: str) -> set[str]:
    found = next(each for each in import_linter["contracts"] if each["id"] == contract)
    return set(found["containers"])


def test_every_import_contract_is_kept() -> None:
    """In a process of its own: the linter sets up logging, and would silence every logger of this one."""
    linter = Path(sys.executable).with_name("lint-imports")

    linted = subprocess.run([linter, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_package_of_ours_is_under_contract(import_linter: dict[str, Any]) -> None:
    ours = {file.parent.name for file in PROJECT.glob("*/__init__.py")}

    assert set(import_linter["root_packages"]) == ours, "list it under root_packages in pyproject.toml"


def test_every_plugin_keeps_its_layers(import_linter: dict[str, Any]) -> None:
    plugins = {
        f"agent.{file.parent.name}" for name in PLUGIN_FILES for file in (PROJECT / "agent").glob(f"*/{name}")
    }

    assert layers_within(import_linter, "use-cases") >= plugins, (
        "name the plugin in the contract use-cases of pyproject.toml"
    )


def test_every_package_of_ours_is_installed(import_linter: dict[str, Any]) -> None:
    setup = configparser.ConfigParser()
    setup.read(PROJECT / "setup.cfg")
    installed = setup["options.packages.find"]["include"].split()

    assert {f"{package}*" for package in import_linter["root_packages"]} == set(installed)
