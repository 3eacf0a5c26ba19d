"""Which mode an agent's registry has, and what ACA-Py is told for it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from agent.process import acapy_settings
from tests.unit.agent.test_acapy_arguments import settings

OPERATOR = "ATkb98UVkGH5HngQfap2H7"
WRITER = {"id": "ours", "is_production": True, "is_write": True, "genesis_file": "genesis/ours.txn"}
ENDORSED = {**WRITER, "endorser_did": OPERATOR, "endorser_alias": "operator"}


@pytest.fixture
def indy(tmp_path: Path) -> dict[str, Any]:
    """A registry section in the mode `indy`."""
    return indy_on(tmp_path, WRITER)


def indy_on(folder: Path, *ledgers: dict[str, Any]) -> dict[str, Any]:
    file = folder / "ledgers.yml"
    file.write_text(yaml.safe_dump(list(ledgers)))
    return {"mode": "indy", "indy": {"ledgers": str(file), "taa": {"mechanism": "on_file", "version": "2.1"}}}


def test_without_a_mode_there_is_no_ledger() -> None:
    read = settings()

    assert acapy_settings(read)["ledger.disabled"]
    assert "agent.indy" not in read.plugin_configuration


def test_a_ledgers_genesis_is_found_beside_the_file_that_names_it(
    indy: dict[str, Any], tmp_path: Path
) -> None:
    read = acapy_settings(settings(registry=indy))

    (ledger,) = read["ledger.ledger_config_list"]
    assert ledger["genesis_file"] == str(tmp_path / "genesis" / "ours.txn")
    assert read["ledger.taa_acceptance_mechanism"] == "on_file"
    assert read["ledger.taa_acceptance_version"] == "2.1"


def test_where_nobody_endorses_an_organisation_writes_by_itself(indy: dict[str, Any]) -> None:
    assert not acapy_settings(settings(registry=indy))["endorser.author"]


def test_where_somebody_endorses_an_organisation_asks_and_answers_nobody(tmp_path: Path) -> None:
    read = acapy_settings(settings(registry=indy_on(tmp_path, ENDORSED)))

    assert read["endorser.author"]
    assert read["endorser.auto_request"]
    assert not read["endorser.auto_endorse"]


def test_the_operator_needs_nobody_to_endorse(tmp_path: Path) -> None:
    read = acapy_settings(settings(registry=indy_on(tmp_path, ENDORSED), operator={}))

    assert not read["endorser.author"]


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        ({"mode": "sovrin"}, "Input should be 'webvh-embedded', 'webvh-external' or 'indy'"),
        ({"mode": "indy"}, "an indy section goes with the mode indy"),
        ({"indy": {"ledgers": "ledgers.yml"}}, "an indy section goes with the mode indy"),
        ({"mode": "webvh-external", "registry_url": "http://registry.example"}, "is https"),
        ({"mode": "webvh-external", "registry_url": "https://127.0.0.1:8050"}, "not on this machine"),
        ({"mode": "webvh-external"}, "is https"),
    ],
)
def test_a_mode_has_what_it_needs_and_nothing_else(registry: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(registry=registry)


def test_a_registry_that_others_run_is_reached_by_https() -> None:
    read = settings(registry={"mode": "webvh-external", "registry_url": "https://registry.example"})

    assert read.plugin_configuration["agent.webvh"]["organisations"]["ZZNM1"] == {
        "registry_url": "https://registry.example"
    }
