"""A process that cannot do its work ends at once: one line says why, and the exit code is not zero."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent_client import PortalKey
from staff_passport.demo.local_authority import LocalAuthority
from staff_passport.embedded_postgres import EmbeddedPostgres

type Json = dict[str, Any]
SECRET = "sixteen characters and more"
NOWHERE = "postgresql://somebody:a-password@127.0.0.1:1/nothing"
CLIENTS = [{"client_id": "northmoor", "client_secret": SECRET, "vpd": "901"}]
REGISTRY: Json = {
    "origin": "https://registry.staff-passport.example",
    "writers": {"organisations/operator": "0" * 64},
    "context_writer": "organisations/operator",
}


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    lines: list[str]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def agent(tmp_path: Path) -> Json:
    """An agent's settings as far as they are looked at before it does anything."""
    (tmp_path / "terms").mkdir()
    return {
        "organisation": {
            "ods_code": "ZZCB1",
            "name": "Calder Bay Community Care",
            "first_people": {
                "director@calder-bay.example": {
                    "name": "The director",
                    "email": "director@calder-bay.example",
                    "roles": ["hr_director"],
                }
            },
            "portal": "https://portal.staff-passport.example",
            "terms": str(tmp_path / "terms"),
            "portal_keys": {"one": PortalKey.new().public_pem},
            "audit_salt": SECRET,
        },
        "admin": {"port": 8031, "api_key": SECRET},
        "didcomm": {"port": 8030, "endpoint": "http://127.0.0.1:8030"},
        "database": {"url": NOWHERE, "migration_url": NOWHERE},
        "wallet": {"key": SECRET, "storage": NOWHERE},
        "trust": {"root": str(tmp_path / "root.json"), "folder": str(tmp_path / "trust-list")},
        "registry": {},
    }


def started(process: str, settings: Json, folder: Path) -> Ended:
    file = folder / "settings.yml"
    file.write_text(yaml.safe_dump(settings))
    argv = [sys.executable, "-m", "staff_passport", process, "--config", str(file)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=180)
    return Ended(ended.returncode, ended.stderr.splitlines())


def test_a_registry_whose_port_is_taken_says_so(taken: int, tmp_path: Path) -> None:
    ended = started("registry", REGISTRY | {"data": str(tmp_path), "port": taken}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert f"staff-passport registry: port {taken} cannot be opened" in ended.lines[0]


def test_a_registry_whose_certificate_is_missing_says_so(tmp_path: Path) -> None:
    tls = {"certificate": str(tmp_path / "gone.pem"), "key": str(tmp_path / "gone.key"), "port": 0}

    ended = started("registry", REGISTRY | {"data": str(tmp_path), "port": 0, "tls": tls}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert "gone.pem" in ended.lines[0]
    assert "No such file or directory" in ended.lines[0]


def test_a_sandbox_whose_port_is_taken_says_so(taken: int, tmp_path: Path) -> None:
    ended = started("esr-sandbox", {"port": taken, "clients": CLIENTS}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert f"staff-passport esr-sandbox: port {taken} cannot be opened" in ended.lines[0]


@pytest.mark.parametrize("missing", ["client_authority", "certificate"])
def test_a_sandbox_whose_certificates_are_missing_says_so(missing: str, tmp_path: Path) -> None:
    ours, authority = LocalAuthority.new(tmp_path).certify("sandbox", "127.0.0.1"), tmp_path / "authority.pem"
    tls = {"certificate": str(ours.certificate), "key": str(ours.key), "client_authority": str(authority)}
    wrong = tls | {missing: str(tmp_path / "gone.pem")}

    ended = started("esr-sandbox", {"port": 0, "clients": CLIENTS, "tls": wrong}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert f"staff-passport esr-sandbox: tls.{missing} {tmp_path / 'gone.pem'}" in ended.lines[0]
    assert "No such file or directory" in ended.lines[0]


def test_a_folder_that_an_agent_needs_and_that_is_not_there_is_named(agent: Json, tmp_path: Path) -> None:
    agent["organisation"]["terms"] = str(tmp_path / "gone.yml")

    ended = started("agent", agent, tmp_path)

    gone = tmp_path / "gone.yml"
    assert ended == Ended(2, [f"staff-passport agent: organisation.terms: there is no folder {gone}"])


def test_a_database_that_does_not_answer_is_not_migrated_in_one_line(agent: Json, tmp_path: Path) -> None:
    ended = started("migrate", agent, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert ended.lines[0].startswith("staff-passport migrate: the database cannot be migrated: ")
    assert "a-password" not in ended.lines[0]


def test_a_role_that_may_not_migrate_is_told_so_in_one_line(agent: Json, tmp_path: Path) -> None:
    with EmbeddedPostgres.temporary() as postgres:
        url = postgres.provide("not-the-owner").url
        ended = started("migrate", agent | {"database": {"url": url, "migration_url": url}}, tmp_path)

    assert (ended.code, len(ended.lines)) == (1, 1), ended.lines
    assert "permission denied" in ended.lines[0]


def test_a_missing_migration_url_is_named(agent: Json, tmp_path: Path) -> None:
    del agent["database"]["migration_url"]

    ended = started("migrate", agent, tmp_path)

    assert (ended.code, len(ended.lines)) == (2, 1), ended.lines
    assert "database.migration_url: is missing" in ended.lines[0]
