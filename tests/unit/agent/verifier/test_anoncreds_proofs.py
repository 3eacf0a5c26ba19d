"""What is made of an AnonCreds proof beside what ACA-Py verifies."""

import logging

import pytest
from acapy_agent.anoncreds import verifier

from agent.verifier.anoncreds_proofs import log_no_claims


def test_the_native_librarys_word_on_a_proof_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    log_no_claims()

    try:
        raise ValueError("Value mismatch for attribute legalSurname: Fennwick")
    except ValueError:
        logging.getLogger(verifier.__name__).exception("Validation of presentation failed with error")

    assert "Validation of presentation failed" in caplog.text
    assert "Fennwick" not in caplog.text
