"""A plugin's part of ACA-Py's plugin configuration, parsed once to a type."""

from acapy_agent.config.injection_context import InjectionContext
from pydantic import BaseModel, ConfigDict, ValidationError


class PluginSettingsError(ValueError):
    """A plugin's configuration is wrong; the message names each wrong key, never its value."""


class PluginSettings(BaseModel):
    """The base of every plugin's settings: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def plugin_settings[S: PluginSettings](context: InjectionContext, plugin: str, kind: type[S]) -> S:
    """The settings of `plugin` (its module's name). Raises `PluginSettingsError`."""
    try:
        return kind.model_validate(dict(context.settings.for_plugin(plugin)))
    except ValidationError as error:
        wrong = "; ".join(f"{plugin}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PluginSettingsError(wrong) from None
