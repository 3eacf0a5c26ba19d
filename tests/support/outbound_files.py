"""A small reader of outbound files, strict about `schemas/esr/outbound.yml`; it keeps what they add up to."""

from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Self

import yaml

import schemas

LAYOUT: dict[str, Any] = yaml.safe_load(
    (resources.files(schemas) / "esr" / "outbound.yml").read_text("utf-8")
)
_UPDATES = {each["update"]: each for each in LAYOUT["records"].values() if "update" in each}
_DELETES = {each["delete"]: each for each in LAYOUT["records"].values() if "delete" in each}
_IDENTIFIERS = {
    "PR": ("PersonId",),
    "AS": ("AssignmentId",),
    "PO": ("PositionId",),
    "OR": ("OrganisationId",),
    "CK": ("PersonId",),
    "RG": ("RegistrationId",),
}

type Row = dict[str, str]


@dataclass
class OutboundText:
    """One file, read."""

    header: Row
    records: list[tuple[str, Row]]

    @classmethod
    def read(cls, text: str) -> Self:
        first, *lines, last = text.splitlines()
        header = _row(LAYOUT["records"]["header"], first)
        trailer = _row(LAYOUT["records"]["trailer"], last)
        assert first.startswith("HDR~")
        assert last.startswith("TRL~")
        assert int(trailer["Records"]) == len(lines)
        return cls(header, [_record(line) for line in lines])

    def of(self, record_type: str) -> list[Row]:
        """Every line of one type."""
        return [row for each, row in self.records if each == record_type]


@dataclass
class Everybody:
    """What a reader of the files knows: every line, by its record and the day from which it holds."""

    known: dict[tuple[str, str, str], Row] = field(default_factory=dict)

    def apply(self, file: OutboundText) -> None:
        """Line by line, in their order."""
        if file.header["Kind"] == "F":
            self.known.clear()
        for record_type, row in file.records:
            kind = record_type[:2]
            identifier = "/".join(row[name] for name in _IDENTIFIERS[kind])
            if record_type in _DELETES:
                gone = [key for key in self.known if key[:2] == (kind, identifier)]
                assert gone, f"{record_type} of what nobody has seen"
                for key in gone:
                    del self.known[key]
            else:
                self.known[kind, identifier, row.get("EffectiveStart", "")] = row


def _record(line: str) -> tuple[str, Row]:
    record_type = line[:3]
    return record_type, _row({**_UPDATES, **_DELETES}[record_type], line)


def _row(record: dict[str, Any], line: str) -> Row:
    _, *values = line.split(LAYOUT["separator"])
    return dict(zip(record["columns"], values, strict=True))
