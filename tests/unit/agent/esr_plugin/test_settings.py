"""What the plugin is told, and what it will not be told."""

from pathlib import Path
from typing import Any

import pytest
from acapy_agent.config.injection_context import InjectionContext

from agent.esr_plugin.settings import EsrSettings
from agent.plugin_settings import PluginSettingsError
from agent.wiring import settings_of

GOOD = {
    "base_url": "http://127.0.0.1:8060/",
    "client_id": "northmoor",
    "client_secret": "northmoor-secret",
    "vpd": "901",
    "search_key": "a search key of at least 32 letters",
}
TLS = {"certificate": "ours.pem", "key": "ours.key", "certificate_authority": "esr.pem"}


def read(**changes: Any) -> EsrSettings:
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    told = {"many": False, "organisations": {"ZZNM1": values}}
    context = InjectionContext(settings={"plugin_config": {"agent.esr_plugin": told}})
    (read,) = settings_of(context, "agent.esr_plugin", EsrSettings).values()
    return read


def test_good_settings_are_read_with_defaults() -> None:
    settings = read(timeouts={"answer": 3})
    assert settings.base_url == "http://127.0.0.1:8060"
    assert (settings.timeouts.connect, settings.timeouts.answer, settings.attempts) == (2.0, 3.0, 3)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_url": "http://esr.example"}, "base_url"),  # staff records travel over TLS
        ({"base_url": "esr.example"}, "base_url"),
        ({"client_secret": None}, "client_secret"),
        ({"client_secret": ""}, "client_secret"),
        ({"vpd": "9O1"}, "vpd"),
        ({"search_key": "short"}, "search_key"),
        ({"attempts": 0}, "attempts"),
        ({"timeouts": {"answer": 0}}, "timeouts.answer"),
        ({"colour": "blue"}, "colour"),
        ({"requests_a_second": 0}, "requests_a_second"),
        ({"burst": 0}, "burst"),
        ({"tls": {**TLS, "key": None}}, "tls.key"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line_without_its_value(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(PluginSettingsError) as wrong:
        read(**changes)
    assert str(wrong.value).startswith(f"agent.esr_plugin.{named}: ")
    assert "\n" not in str(wrong.value)
    assert "northmoor-secret" not in str(wrong.value)


def test_an_esr_elsewhere_is_asked_over_mutual_tls() -> None:
    settings = read(base_url="https://esr.example/api/", tls=TLS)
    assert settings.base_url == "https://esr.example/api"
    assert settings.tls is not None
    assert settings.tls.certificate_authority == Path("esr.pem")


@pytest.mark.parametrize(
    "changes",
    [{"base_url": "https://esr.example"}, {"base_url": "https://127.0.0.1:8060"}, {"tls": TLS}],
    ids=["https without certificates", "nor on this machine", "certificates without https"],
)
def test_certificates_go_with_https_and_with_nothing_else(changes: dict[str, Any]) -> None:
    with pytest.raises(PluginSettingsError) as wrong:
        read(**changes)
    assert str(wrong.value).startswith("agent.esr_plugin.tls: ")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "secret'" not in repr(read())
    assert "search key" not in repr(read())
