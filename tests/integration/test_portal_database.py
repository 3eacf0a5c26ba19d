"""The portal's own schema, by the commands that an administrator types."""

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from agent_client import PortalKey
from staff_passport.demo.network import CONSOLE
from staff_passport.embedded_postgres import EmbeddedPostgres
from tests.support.ports import free_port

EMAIL = "ottilie@northmoor.example"


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """The settings of a portal whose database is empty."""
    key = PortalKey.new()
    with EmbeddedPostgres.temporary() as postgres:
        databases, port = postgres.provide("portal"), free_port()
        settings = {
            "origin": f"http://127.0.0.1:{port}",
            "port": port,
            "database": {"url": databases.url, "migration_url": databases.migration_url},
            "totp_key": Fernet.generate_key().decode(),
            "form_key": secrets.token_hex(32),
            "signing": {"id": key.id, "key": key.private_pem},
            "organisations": {
                "ZZNM1": {"name": "Northmoor", "agent": "http://127.0.0.1:9", "api_key": "k" * 16}
            },
        }
        file = tmp_path / "portal.yml"
        file.write_text(yaml.safe_dump(settings))
        yield file


def typed(*words: str, config: Path) -> subprocess.CompletedProcess[str]:
    argv = (*CONSOLE, "portal", *words, "--config", str(config))
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


def test_a_portal_does_not_start_over_a_schema_that_it_does_not_know(config: Path) -> None:
    refused = typed(config=config)

    assert refused.returncode == 1
    assert "was `staff-passport portal migrate` run?" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert typed("add-account", EMAIL, config=config).returncode == 1


def test_an_account_is_made_once_and_removed_once(config: Path) -> None:
    assert typed("migrate", config=config).returncode == 0
    assert typed("migrate", config=config).returncode == 0  # again does no harm

    made = typed("add-account", EMAIL.upper(), config=config)
    assert f"e-mail: {EMAIL}" in made.stdout
    assert "otpauth://totp/" in made.stdout
    again = typed("add-account", EMAIL, config=config)
    assert (again.returncode, again.stdout) == (1, "")

    assert typed("remove-account", EMAIL, config=config).returncode == 0
    assert typed("remove-account", EMAIL, config=config).returncode == 1
    assert typed("add-account", "no address", config=config).returncode == 1
