"""Wrong settings are named before anything starts."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from registry.settings import Settings

DIGEST = "0" * 64
RIGHT: dict[str, Any] = {
    "origin": "https://registry.staff-passport.example",
    "data": Path("data"),
    "port": 8040,
    "writers": {"organisations/operator": DIGEST},
    "context_writer": "organisations/operator",
}


def test_right_settings_are_taken() -> None:
    assert Settings(**RIGHT).origin == "https://registry.staff-passport.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://registry.staff-passport.example"},
        {"origin": "https://localhost"},
        {"origin": "https://registry.staff-passport.example:8443"},
        {"origin": "https://registry.staff-passport.example/path"},
        {"port": 70_000},
        {"writers": {"organisations/operator": "a token in clear"}},
        {"writers": {"../operator": DIGEST}},
        {"writers": {"Organisations/operator": DIGEST}},
        {"context_writer": "organisations/northmoor"},
        {"unheard": True},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**RIGHT, **wrong})
