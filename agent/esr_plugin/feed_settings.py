"""What the plugin is told of outbound files: where they come in, and how they are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from agent.esr_feed.layout import Kind, Layout, LayoutUnreadable, RecordColumns
from agent.plugin_settings import PluginSettings
from schemas.esr_outbound import outbound_layout


class OutboundSettings(PluginSettings):
    """One organisation's outbound files.

    `key` hashes lines and registration numbers: 32 characters or more, outside the database. `columns` says
    another order of columns, by the name that a record has in `schemas/esr/outbound.yml`. A full file that
    leaves out more than the share `most_gone` of all people is not taken.
    """

    inbox: Path
    key: SecretStr = Field(min_length=32)
    most_gone: float = Field(default=0.2, ge=0, le=1)
    columns: dict[Kind, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _columns_can_be_read(self) -> Self:
        layout_of(self.columns)
        return self

    @property
    def layout(self) -> Layout:
        """How the files are read."""
        return layout_of(self.columns)


def layout_of(columns: Mapping[Kind, Sequence[str]]) -> Layout:
    """The usual layout, with other columns where they are given. Raises `LayoutUnreadable`."""
    usual = outbound_layout()
    if unknown := usual.records.keys() - set(Kind):
        raise LayoutUnreadable(f"nothing reads {', '.join(sorted(unknown))}")
    records = (
        RecordColumns(kind, told.update, told.delete, tuple(columns.get(kind, told.columns)))
        for kind, told in ((kind, usual.records[kind]) for kind in Kind)
    )
    return Layout(usual.header.type, usual.trailer.type, tuple(records))
