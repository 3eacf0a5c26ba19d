"""A form counts only for the browser and the session that it was made for."""

import pytest

from portal.form_tokens import FormTokens
from portal.visits import local_path

TOKENS = FormTokens(b"a key of the settings")


def test_a_form_of_ours_counts_for_its_browser() -> None:
    assert TOKENS.is_right(TOKENS.token("browser", None), "browser", None)
    assert TOKENS.is_right(TOKENS.token("browser", "session"), "browser", "session")


@pytest.mark.parametrize(
    ("browser", "session"),
    [("another", "session"), ("browser", "another"), ("browser", None), (None, "session"), ("", "session")],
)
def test_it_counts_for_no_other(browser: str | None, session: str | None) -> None:
    assert not TOKENS.is_right(TOKENS.token("browser", "session"), browser, session)


@pytest.mark.parametrize("sent", ["", "é", "0" * 64])
def test_what_is_no_token_does_not_count(sent: str) -> None:
    assert not TOKENS.is_right(sent, "browser", None)


def test_another_key_makes_other_tokens() -> None:
    assert not TOKENS.is_right(FormTokens(b"another").token("browser", None), "browser", None)


@pytest.mark.parametrize(
    "elsewhere",
    [
        None,
        "",
        "https://x.example",
        "//x.example",
        "/\\x.example",
        "/\t/x.example",
        "/a\\b",
        "/\r\nSet-Cookie: a",
        "javascript:x",
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == "/"


def test_one_comes_back_to_the_page_that_was_asked_for() -> None:
    assert local_path("/passports?state=active&cursor=YQ==") == "/passports?state=active&cursor=YQ=="
