"""A wrong key of the plugin's configuration is named, and no secret is told."""

from typing import Any

import pytest
from acapy_agent.config.injection_context import InjectionContext

from agent.plugin_settings import PluginSettingsError
from agent.webvh.settings import Place, WebvhSettings
from agent.wiring import settings_of

TOKEN = "a made-up write token"
RIGHT = {
    "origin": "https://registry.staff-passport.example",
    "registry_url": "http://127.0.0.1:8040",
    "path": "organisations/northmoor",
    "write_token": TOKEN,
}


def parsed(**changes: Any) -> WebvhSettings:
    values = {key: value for key, value in {**RIGHT, **changes}.items() if value is not None}
    told = {"many": False, "organisations": {"ZZNM1": values}}
    context = InjectionContext(settings={"plugin_config": {"agent.webvh": told}})
    (read,) = settings_of(context, "agent.webvh", WebvhSettings).values()
    return read


def test_right_settings_say_where_the_did_lives_and_how_it_is_reached() -> None:
    settings = parsed()

    assert settings.place == Place("registry.staff-passport.example", ("organisations", "northmoor"))
    assert settings.origins == {"https://registry.staff-passport.example": "http://127.0.0.1:8040"}
    assert settings.token == TOKEN
    assert TOKEN not in repr(settings)


def test_a_registry_under_its_own_name_needs_no_mapping() -> None:
    assert parsed(registry_url="https://registry.staff-passport.example/").origins == {}


def test_further_origins_may_be_mapped() -> None:
    elsewhere = {"https://other.example": "http://127.0.0.1:9"}

    assert parsed(origin_map=elsewhere).origins["https://other.example"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("origin", None),
        ("origin", "https://localhost"),
        ("origin", "https://registry.staff-passport.example:8443"),
        ("registry_url", None),
        ("registry_url", "ftp://127.0.0.1"),
        ("registry_url", "http://user:secret@127.0.0.1"),
        ("path", None),
        ("path", "../operator"),
        ("path", "Organisations/Northmoor"),
        ("write_token", None),
        ("write_token", "short"),
        ("unheard", "of"),
    ],
)
def test_a_wrong_key_is_named(key: str, value: str | None) -> None:
    with pytest.raises(PluginSettingsError, match=rf"agent\.webvh\.{key}: "):
        parsed(**{key: value})


def test_the_token_is_not_sent_in_clear_over_a_network() -> None:
    with pytest.raises(PluginSettingsError, match="https unless it is this machine"):
        parsed(registry_url="http://registry.staff-passport.example")
