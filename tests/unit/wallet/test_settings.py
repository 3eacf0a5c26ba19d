from pathlib import Path
from typing import Any

import pytest
import yaml

from staff_passport.configuration import ConfigurationError, load
from wallet.process import acapy_argv, acapy_settings
from wallet.settings import Settings

STORAGE = "postgresql://robin:p%40ss@127.0.0.1:5433/robin_wallet"


def some_settings(**sections: Any) -> dict[str, Any]:
    return {
        "label": "Robin Example",
        "control": {"port": 8061, "api_key": "a-made-up-key-of-a-test"},
        "didcomm": {"port": 8060, "endpoint": "http://127.0.0.1:8060"},
        "wallet": {"key": "a made-up passphrase of a test", "storage": STORAGE},
        "hosts": {"unregistered": "ask"},
        **sections,
    }


def loaded(tmp_path: Path, values: dict[str, Any], **environment: str) -> Settings:
    file = tmp_path / "wallet.yaml"
    file.write_text(yaml.safe_dump(values))
    return load(Settings, file, process="wallet", environment=environment)


def test_the_storage_url_is_taken_apart_as_aca_py_wants_it(tmp_path: Path) -> None:
    storage = loaded(tmp_path, some_settings()).wallet
    assert (storage.address, storage.database) == ("127.0.0.1:5433", "robin_wallet")
    assert (storage.account, storage.password) == ("robin", "p@ss")


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path, some_settings(), STAFF_PASSPORT_WALLET__CONTROL__PORT="9061")
    assert settings.control.port == 9061


@pytest.mark.parametrize(
    ("section", "values", "named"),
    [
        ("control", {"port": 8061}, "control.api_key"),
        ("control", {"port": 0, "api_key": "a-made-up-key-of-a-test"}, "control.port"),
        ("control", {"port": 8061, "api_key": "short"}, "control.api_key"),
        ("didcomm", {"port": 8060, "endpoint": "here"}, "didcomm.endpoint"),
        ("wallet", {"key": "a made-up passphrase", "storage": "sqlite://x"}, "wallet.storage"),
        ("wallet", {"key": "a made-up passphrase", "storage": "postgresql://h/d"}, "wallet.storage"),
        ("registry", {"origins": {"http://registry.example": "http://127.0.0.1:8040"}}, "registry.origins"),
        ("hosts", {}, "hosts: needs `trust`"),
        ("hosts", {"unregistered": "accept"}, "hosts.unregistered"),
        ("registry", {"origins": {"https://registry.example": "127.0.0.1:8040"}}, "registry.origins"),
        ("log_level", "debug", "log_level"),
        ("labels", "x", "labels"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    tmp_path: Path, section: str, values: Any, named: str
) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        loaded(tmp_path, some_settings(**{section: values}))
    assert named in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_no_setting_of_aca_py_acts_without_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACAPY_AUTO_RESPOND_PRESENTATION_REQUEST", "true")
    monkeypatch.setenv("ACAPY_AUTO_RESPOND_CREDENTIAL_OFFER", "true")
    values = acapy_settings(loaded(tmp_path, some_settings()))
    on = {name for name, value in values.items() if "auto" in name and value}
    assert on == {"auto_ping_connection"}


def test_the_wallets_key_guards_its_control_port(tmp_path: Path) -> None:
    argv = acapy_argv(loaded(tmp_path, some_settings()))
    assert "--admin-insecure-mode" not in argv
    assert "--admin-api-key=a-made-up-key-of-a-test" in argv


def test_a_key_may_begin_like_a_flag(tmp_path: Path) -> None:
    control = {"port": 8061, "api_key": "--a-made-up-key-of-a-test"}
    values = acapy_settings(loaded(tmp_path, some_settings(control=control, label="-Robin")))
    assert (values["admin.admin_api_key"], values["default_label"]) == (control["api_key"], "-Robin")
