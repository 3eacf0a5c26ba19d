"""An environment of `ledger-config/`, and who is registered in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

type Json = dict[str, Any]

EMBEDDED = Path(__file__).resolve().parents[2] / "ledger-config" / "embedded"


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the registry is, and which organisations the operator registers, as its API takes them."""

    origin: str
    organisations: tuple[Json, ...]

    @classmethod
    def read(cls, folder: Path = EMBEDDED) -> "Environment":
        """Read an environment's folder."""
        environment = yaml.safe_load((folder / "environment.yml").read_text(encoding="utf-8"))
        registered = yaml.safe_load((folder / "organisations.yml").read_text(encoding="utf-8"))
        organisations = tuple(map(_as_json, registered["organisations"]))
        return cls(environment["registry"]["origin"], organisations)


def registered(ods_code: str, name: str, *, issues: bool) -> Json:
    """An organisation that may ask for everything, and perhaps issue everything."""
    every = [
        {"type": each, "valid_from": "2026-01-01"} for each in ("identity", "employment", "employment_checks")
    ]
    return {
        "ods_code": ods_code,
        "name": name,
        "region": "North East and Yorkshire",
        "may_issue": every if issues else [],
        "may_ask": every,
    }


def _as_json(organisation: Json) -> Json:
    """YAML has dates where JSON has text."""
    said = {name: [_authority(each) for each in organisation[name]] for name in ("may_issue", "may_ask")}
    return {**organisation, **said}


def _authority(said: Json) -> Json:
    return {name: str(value) for name, value in said.items()}
