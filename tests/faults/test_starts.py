"""An agent that cannot do its work does not start: one line says why, and the exit code is not zero."""

import asyncio
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.store.migrations import upgrade
from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.ports import free_port
from tests.support.softhsm import SoftHsm

type Json = dict[str, Any]
ENDS_WITHIN_SECONDS = 180
NO_FILES = dict.fromkeys(("certificate", "key", "certificate_authority"), "/nowhere.pem")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it said."""

    code: int | None
    lines: list[str]


@pytest.fixture
def settings(network: Network) -> Json:
    """Right settings for an agent that nobody else runs, on a database that is up to date."""
    databases = network.postgres.provide("never-started")
    upgrade(databases.migration_url, agent_url=databases.url)
    right = network.agents[NORTHMOOR.slug].settings
    didcomm = free_port()
    return right | {
        "admin": right["admin"] | {"port": free_port()},
        "didcomm": {
            "port": didcomm,
            "endpoint": f"http://127.0.0.1:{didcomm}",
            "private_endpoints": ["127.0.0.1"],
        },
        "database": {"url": databases.url, "migration_url": databases.migration_url},
        "wallet": right["wallet"] | {"storage": databases.wallet.url},
    }


async def started(settings: Json, folder: Path, *, with_plugin: str | None = None) -> Ended:
    """Run an agent that cannot start, until it has ended."""
    file = folder / "agent.yml"
    file.write_text(yaml.safe_dump(settings))
    usual = ("staff_passport", "agent", "--config")
    argv = usual if with_plugin is None else ("tests.support.agent_with_plugin", with_plugin)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *argv, str(file)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(ENDS_WITHIN_SECONDS):
        _, said = await child.communicate()
    return Ended(child.returncode, said.decode().splitlines())


def section(name: str, **wrong: object) -> Callable[[Json], Json]:
    """A change of one section of the settings."""
    return lambda right: right | {name: right[name] | wrong}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (section("registry", write_token="short"), "agent.webvh.write_token"),
        (section("esr", base_url="http://esr.example"), "agent.esr_plugin.base_url"),
        (section("esr", tls=NO_FILES), "agent.esr_plugin.tls.certificate: /nowhere.pem"),
        (section("issuer", reconcile_evry=2), "agent.issuer.reconcile_evry"),
    ],
    ids=["too-short", "unprotected", "no-certificate", "misspelt"],
)
async def test_a_wrong_setting_of_a_plugin_is_named_in_one_line(
    settings: Json, tmp_path: Path, change: Callable[[Json], Json], named: str
) -> None:
    ended = await started(change(settings), tmp_path)

    assert (ended.code, len(ended.lines)) == (2, 1), ended.lines
    assert named in ended.lines[0]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"pin": "0815-wrong"}, "agent.webvh.signing_keys.pin: the token northmoor refuses it"),
        ({"module": "/nowhere.so"}, "agent.webvh.signing_keys.module: this is no PKCS#11 library"),
        ({"module": "/etc/hostname"}, "agent.webvh.signing_keys.module: this is no PKCS#11 library"),
    ],
    ids=["pin", "no-file", "no-library"],
)
async def test_a_token_that_cannot_be_used_is_told_in_one_line_without_the_pin(
    settings: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: Json, sentence: str
) -> None:
    hsm = SoftHsm.at(tmp_path / "softhsm")
    for name, value in hsm.environment.items():
        monkeypatch.setenv(name, value)
    keys = hsm.token("northmoor") | wrong

    ended = await started(section("registry", signing_keys=keys)(settings), tmp_path)

    assert (ended.code, ended.lines) == (2, [f"staff-passport agent: {sentence}"])


async def test_a_database_that_was_never_migrated_is_refused_in_one_line(
    network: Network, settings: Json, tmp_path: Path
) -> None:
    databases = network.postgres.provide("never-migrated")

    ended = await started(settings | {"database": {"url": databases.url}}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert "staff-passport migrate" in ended.lines[0]


async def test_an_admin_port_that_is_taken_is_said_and_nothing_runs_on(
    settings: Json, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings["admin"]["port"]))
        taken.listen()

        ended = await started(settings, tmp_path)

    assert ended.code == 1
    assert "admin port" in ended.lines[-1]


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        ("setup_raises", "could not start: the queue is not there"),
        ("routes_cannot_be_imported", "plugin {plugin} did not load: the queue is not there"),
        ("registration_raises", "plugin {plugin} did not load: the queue is not there"),
        ("registers_nothing", "routes are missing: /forgotten"),
        ("is_not_there", "plugin {plugin} did not load: No module named '{plugin}'"),
    ],
)
async def test_an_agent_with_a_plugin_or_routes_that_do_not_load_ends_and_says_which(
    settings: Json, tmp_path: Path, plugin: str, sentence: str
) -> None:
    name = f"tests.support.plugins.{plugin}"

    ended = await started(settings, tmp_path, with_plugin=name)

    assert ended.code == 1, ended.lines
    assert ended.lines[-1] == f"staff-passport agent: {sentence.format(plugin=name)}"
