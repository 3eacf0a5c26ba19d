import hashlib

import pytest

from agent.comparison_code import commitment, comparison_code
from agent.domain.ports.connections import ConnectionDids

AGENT, WALLET = "did:peer:4zQmAgent", "did:peer:4zQmWallet"


def test_the_code_is_worked_out_as_written_down() -> None:
    digest = hashlib.sha256(b"staff-passport/comparison-code/v2\ndid:peer:4zQmAgent\ndid:peer:4zQmWallet")

    assert (
        comparison_code(ConnectionDids(AGENT, WALLET)) == str(int(digest.hexdigest(), 16))[-8:] == "73257996"
    )


def test_the_long_form_of_a_peer_did_counts_as_its_short_form() -> None:
    long = ConnectionDids(f"{AGENT}:z2M1k7hAbc", f"{WALLET}:z2M1k7hAbc")

    assert comparison_code(long) == comparison_code(ConnectionDids(AGENT, WALLET))
    assert commitment(long.ours) == commitment(AGENT)


@pytest.mark.parametrize("other", ["did:peer:4zQmOther", "did:peer:2.Ez6LS:x", "did:peer:2.Ez6LS:y"])
def test_another_did_gives_another_code_and_another_commitment(other: str) -> None:
    codes = {comparison_code(dids) for dids in (ConnectionDids(AGENT, other), ConnectionDids(other, WALLET))}

    assert len(codes | {comparison_code(ConnectionDids(AGENT, WALLET))}) == 3
    assert commitment(other) != commitment(AGENT)


def test_a_code_has_eight_digits_even_when_it_begins_with_zeros() -> None:
    codes = [comparison_code(ConnectionDids(AGENT, f"did:peer:4zQm{n}")) for n in range(200)]

    assert all(len(code) == 8 and code.isdigit() for code in codes)
    assert any(code.startswith("0") for code in codes)
