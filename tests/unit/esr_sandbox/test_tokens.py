"""Tokens: for whom, for how long."""

from pydantic import SecretStr

from esr_sandbox.settings import Client
from esr_sandbox.tokens import TokenIssuer

NORTHMOOR = Client(client_id="northmoor", client_secret=SecretStr("secret"), vpd="901")
OURS, THEIRS = "0a" * 32, "0b" * 32
BOUND = NORTHMOOR.model_copy(update={"certificate_sha256": OURS})


class Clock:
    """Seconds that are moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def over_http(clock: Clock | None = None) -> TokenIssuer:
    """Tokens of a sandbox that asks for no certificates."""
    return TokenIssuer((NORTHMOOR,), 300, clock or Clock(), certified=False)


def over_tls(client: Client = NORTHMOOR) -> TokenIssuer:
    return TokenIssuer((client,), 300, Clock(), certified=True)


def test_a_token_speaks_for_its_clients_vpd_until_it_expires() -> None:
    clock = Clock()
    tokens = over_http(clock)
    token = tokens.issue("northmoor", "secret", None)
    assert token is not None
    clock.now = 299.0
    assert tokens.vpd(token, None) == "901"
    clock.now = 300.0
    assert tokens.vpd(token, None) is None


def test_nobody_gets_a_token_with_a_wrong_secret_or_a_wrong_name() -> None:
    tokens = over_http()
    assert tokens.issue("northmoor", "Secret", None) is None
    assert tokens.issue("nobody", "secret", None) is None
    assert tokens.issue("nobody", "", None) is None


def test_two_tokens_are_never_equal_and_revoked_ones_speak_for_nobody() -> None:
    tokens = over_http()
    first, second = tokens.issue("northmoor", "secret", None), tokens.issue("northmoor", "secret", None)
    assert first != second
    tokens.revoke_all()
    assert tokens.vpd(f"{first}", None) is None


def test_a_token_counts_with_the_certificate_that_it_was_fetched_with_and_with_no_other() -> None:
    tokens = over_tls()
    token = tokens.issue("northmoor", "secret", OURS)
    assert token is not None
    assert tokens.vpd(token, OURS) == "901"
    assert tokens.vpd(token, THEIRS) is None
    assert tokens.vpd(token, None) is None


def test_where_clients_are_certified_nobody_gets_a_token_without_a_certificate() -> None:
    assert over_tls().issue("northmoor", "secret", None) is None
    assert over_tls(BOUND).issue("northmoor", "secret", None) is None


def test_a_client_that_is_bound_to_a_certificate_gets_a_token_with_no_other() -> None:
    tokens = over_tls(BOUND)
    assert tokens.issue("northmoor", "secret", THEIRS) is None
    assert tokens.issue("northmoor", "secret", OURS) is not None


def test_a_certificate_does_not_stand_in_for_the_secret() -> None:
    assert over_tls(BOUND).issue("northmoor", "wrong", OURS) is None
