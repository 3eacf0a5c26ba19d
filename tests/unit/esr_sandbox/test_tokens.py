"""Tokens: for whom, for how long."""

from pydantic import SecretStr

from esr_sandbox.settings import Client
from esr_sandbox.tokens import TokenIssuer

NORTHMOOR = Client(client_id="northmoor", client_secret=SecretStr("secret"), vpd="901")


class Clock:
    """Seconds that are moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_token_speaks_for_its_clients_vpd_until_it_expires() -> None:
    clock = Clock()
    tokens = TokenIssuer((NORTHMOOR,), 300, clock)
    token = tokens.issue("northmoor", "secret")
    assert token is not None
    clock.now = 299.0
    assert tokens.vpd(token) == "901"
    clock.now = 300.0
    assert tokens.vpd(token) is None


def test_nobody_gets_a_token_with_a_wrong_secret_or_a_wrong_name() -> None:
    tokens = TokenIssuer((NORTHMOOR,), 300, Clock())
    assert tokens.issue("northmoor", "Secret") is None
    assert tokens.issue("nobody", "secret") is None
    assert tokens.issue("nobody", "") is None


def test_two_tokens_are_never_equal_and_revoked_ones_speak_for_nobody() -> None:
    tokens = TokenIssuer((NORTHMOOR,), 300, Clock())
    first, second = tokens.issue("northmoor", "secret"), tokens.issue("northmoor", "secret")
    assert first != second
    tokens.revoke_all()
    assert tokens.vpd(f"{first}") is None
