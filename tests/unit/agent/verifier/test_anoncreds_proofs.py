"""What is made of an AnonCreds proof beside what ACA-Py verifies."""

import logging

import pytest
from acapy_agent.anoncreds import verifier

from agent.domain.errors import Unavailable
from agent.verifier.anoncreds_proofs import log_no_claims, proven_by_the_newest_list
from signed_documents.attested_resources import ResourceType, StatusListLink, VerifiedResource
from signed_documents.errors import DocumentNotFound
from signed_documents.identifiers import ResourceId

DID = (
    "did:webvh:QmRyAY5bGAXhqN3issft1WuXEQfqr999zkosi9fYXZTkJe:registry.staff-passport.example"
    ":organisations:northmoor"
)
ID = ResourceId.parse(f"{DID}/resources/zQmeYMQ2mBqvUTnZdJPy5jQxrHoqZ2Mbrq2CgKwsf5Ro8J9")


def a_registry(*lists_from: int) -> VerifiedResource:
    """A registry with a status list from each of these times on."""
    links = tuple(StatusListLink(ID, moment) for moment in lists_from)
    return VerifiedResource(ID, ResourceType.REVOCATION_REGISTRY, "", {}, links, f"{DID}#key")


def test_a_proof_by_the_list_that_holds_now_counts() -> None:
    assert proven_by_the_newest_list(a_registry(100, 200), 250, asked_at=240)


def test_a_proof_by_a_list_that_held_before_we_asked_does_not_count() -> None:
    assert not proven_by_the_newest_list(a_registry(100, 200, 300), 150, asked_at=250)


def test_when_a_newer_list_came_since_we_asked_the_question_must_be_put_again() -> None:
    with pytest.raises(Unavailable) as refused:
        proven_by_the_newest_list(a_registry(100, 200, 300), 250, asked_at=240)

    assert refused.value.code == "status_moved"


def test_a_newer_list_than_the_one_as_we_asked_counts_when_it_is_the_newest() -> None:
    assert proven_by_the_newest_list(a_registry(100, 200, 300), 300, asked_at=240)


def test_nothing_is_proven_for_a_time_before_the_first_list() -> None:
    with pytest.raises(DocumentNotFound):
        proven_by_the_newest_list(a_registry(100), 50, asked_at=150)


def test_the_native_librarys_word_on_a_proof_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    log_no_claims()

    try:
        raise ValueError("Value mismatch for attribute legalSurname: Fennwick")
    except ValueError:
        logging.getLogger(verifier.__name__).exception("Validation of presentation failed with error")

    assert "Validation of presentation failed" in caplog.text
    assert "Fennwick" not in caplog.text
