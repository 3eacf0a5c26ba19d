"""A plugin's part of ACA-Py's plugin configuration, parsed once to a type (see `agent.wiring`)."""

from pydantic import BaseModel, ConfigDict


class PluginSettingsError(ValueError):
    """A plugin's configuration is wrong; the message names each wrong key, never its value."""


class PluginSettings(BaseModel):
    """The base of every plugin's settings: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
