"""What is made of an AnonCreds proof beside what ACA-Py verifies."""

import logging

import pytest
from acapy_agent.anoncreds import verifier

from agent.domain.errors import Unavailable
from agent.verifier.anoncreds_proofs import log_no_claims, proven_by_the_newest_list


def test_a_proof_by_the_list_that_holds_now_counts() -> None:
    assert proven_by_the_newest_list(proven=200, asked=200, newest=200)


def test_a_proof_by_a_list_that_held_before_we_asked_does_not_count() -> None:
    assert not proven_by_the_newest_list(proven=100, asked=200, newest=300)


def test_when_a_newer_list_came_since_we_asked_the_question_must_be_put_again() -> None:
    with pytest.raises(Unavailable) as refused:
        proven_by_the_newest_list(proven=200, asked=200, newest=300)

    assert refused.value.code == "status_moved"


def test_a_newer_list_than_the_one_as_we_asked_counts_when_it_is_the_newest() -> None:
    assert proven_by_the_newest_list(proven=300, asked=200, newest=300)


def test_the_native_librarys_word_on_a_proof_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    log_no_claims()

    try:
        raise ValueError("Value mismatch for attribute legalSurname: Fennwick")
    except ValueError:
        logging.getLogger(verifier.__name__).exception("Validation of presentation failed with error")

    assert "Validation of presentation failed" in caplog.text
    assert "Fennwick" not in caplog.text
