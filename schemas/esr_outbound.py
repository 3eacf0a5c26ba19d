"""The layout of ESR's outbound file as `esr/outbound.yml` says it, for code to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml
from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Envelope:
    """A header or a trailer: its record type, and what follows it."""

    type: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """One kind of record: the types of its two lines, what follows, and the parts of composite columns."""

    update: str
    delete: str
    columns: tuple[str, ...]
    composites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboundLayout:
    """The whole file: `records` by the name that the layout gives to each kind."""

    separator: str
    header: Envelope
    trailer: Envelope
    records: Mapping[str, RecordLayout]


_NO_RECORDS = frozenset({"header", "trailer"})


@cache
def outbound_layout() -> OutboundLayout:
    """The layout. Raises pydantic's `ValidationError` when its file is malformed."""
    text = resources.files("schemas").joinpath("esr/outbound.yml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    known = told["records"]
    records = {name: record for name, record in known.items() if name not in _NO_RECORDS}
    return TypeAdapter(OutboundLayout).validate_python(
        {
            "separator": told["separator"],
            "header": known["header"],
            "trailer": known["trailer"],
            "records": records,
        }
    )
