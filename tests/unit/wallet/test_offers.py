import pytest

from wallet.holder.offers import DeclineReason, declined


@pytest.mark.parametrize("reason", list(DeclineReason))
def test_the_issuer_reads_the_reason_alone(reason: DeclineReason) -> None:
    assert declined(reason, None) == reason.value


def test_the_issuer_reads_the_reason_and_then_the_persons_words() -> None:
    assert declined(DeclineReason.INCORRECT, "My name: Robin.") == "incorrect: My name: Robin."


def test_the_reasons_are_those_that_an_issuer_knows() -> None:
    assert set(DeclineReason) == {"duplicate", "incorrect", "no_longer_wanted", "other"}
