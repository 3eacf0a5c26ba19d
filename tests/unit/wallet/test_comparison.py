import pytest

from wallet.comparison import comparison_code

A, B = "did:peer:4zQmA", "did:peer:4zQmB"


def test_the_code_is_the_one_that_agents_work_out_too() -> None:
    assert comparison_code(A, B) == "12901045"


def test_both_ends_get_the_same_code() -> None:
    assert comparison_code(A, B) == comparison_code(B, A)


def test_the_long_form_of_a_peer_did_counts_as_its_short_form() -> None:
    assert comparison_code(A + ":z2M1k7hAbc", B) == comparison_code(A, B)


@pytest.mark.parametrize(
    "other", ["did:peer:4zQmC", "did:webvh:zQmB:registry.staff-passport.example", "zQmB"]
)
def test_another_did_gives_another_code(other: str) -> None:
    assert comparison_code(A, other) != comparison_code(A, B)


def test_other_dids_keep_everything_after_a_colon() -> None:
    assert comparison_code(A, "did:peer:2.Ez6LS:x") != comparison_code(A, "did:peer:2.Ez6LS:y")


def test_the_code_has_eight_digits_even_when_it_begins_with_zeros() -> None:
    codes = [comparison_code(A, f"did:peer:4zQm{n}") for n in range(12)]
    assert all(len(code) == 8 and code.isdigit() for code in codes)
