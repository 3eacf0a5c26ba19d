import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from agent_client import PortalKey
from staff_passport.embedded_postgres import EmbeddedPostgres

WITHOUT_DATABASE = {
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
        "terms": "docs/terms",
        "portal_keys": {"one": PortalKey.new().public_pem},
        "audit_salt": "sixteen characters and more",
    },
    "admin": {"port": 8031, "api_key": "sixteen characters and more"},
    "didcomm": {"port": 8030, "endpoint": "http://127.0.0.1:8030"},
    "wallet": {"key": "sixteen characters and more"},
    "trust": {"root": "root.json", "folder": "trust-list"},
    "registry": {},
}


@pytest.fixture
def data_home() -> Iterator[Path]:
    # Not pytest's own folder: the server's system user must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="staff-passport-test-"))
    yield folder
    shutil.rmtree(folder)


def staff_passport(*arguments: str, data_home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "staff_passport", *arguments],
        env={"XDG_DATA_HOME": str(data_home), "PATH": "/usr/sbin:/usr/bin:/bin"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_database_of_its_own_an_agent_has_the_embedded_one(data_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "calder-bay.yml"
    file.write_text(yaml.safe_dump(WITHOUT_DATABASE))

    ended = staff_passport("migrate", "--config", str(file), data_home=data_home)

    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    server = data_home / "staff-passport" / "postgres"
    assert not (server / "cluster" / "postmaster.pid").exists(), "it ends with the last who uses it"
    with EmbeddedPostgres(server, durable=True) as postgres:
        connection = psycopg.connect(postgres.provide("calder-bay").url)
        with connection:
            assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_demonstration_that_is_cut_short_failed_and_says_so_in_its_document() -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "staff_passport", "demo", "--once", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stderr is not None
    next(line for line in demo.stderr if "PostgreSQL" in line)  # the first step has begun

    demo.terminate()
    told, _ = demo.communicate(timeout=180)

    document = json.loads(told)
    assert demo.returncode == 1
    assert [(step["name"], step["ok"]) for step in document["steps"]] == [("start", False)]
    assert document["verdicts"] == []
