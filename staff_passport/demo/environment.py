"""An environment of `ledger-config/`, and a copy of its trust list with the DIDs filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

type Json = dict[str, Any]

EMBEDDED = Path(__file__).resolve().parents[2] / "ledger-config" / "embedded"


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the registry is, and who is registered."""

    origin: str
    trust_list: Json

    @classmethod
    def read(cls, folder: Path = EMBEDDED) -> "Environment":
        """Read an environment's folder."""
        environment = yaml.safe_load((folder / "environment.yml").read_text(encoding="utf-8"))
        trust_list = yaml.safe_load((folder / "trust-list.yml").read_text(encoding="utf-8"))
        return cls(environment["registry"]["origin"], trust_list)

    def trust_list_with(self, operator: str | None, dids: Mapping[str, str]) -> Json:
        """The trust list with the operator's DID, and those of the organisations by ODS code."""
        organisations = [
            {**entry, "did": dids.get(entry["ods_code"])} for entry in self.trust_list["organisations"]
        ]
        return {"operator": operator, "organisations": organisations}
