import json
import logging

import pytest

from wallet.holder.problems import NoCredential, NotFound, problem
from wallet.holder.registry import ObjectRefused, RegistryUnavailable


def body(error: Exception) -> dict[str, object]:
    answer = problem(error)
    assert answer.content_type == "application/problem+json"
    document: dict[str, object] = json.loads(answer.text or "")
    return document


def test_a_problem_has_a_code_and_a_sentence() -> None:
    assert body(NotFound("There is no such offer.")) == {
        "type": "urn:staff-passport:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is no such offer.",
    }


def test_what_is_missing_is_told() -> None:
    missing = [{"names": ["employer"], "reason": "revoked"}]
    assert body(NoCredential("It was revoked.", missing))["missing"] == missing


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RegistryUnavailable("no"), 503, "registry_unavailable"),
        (ObjectRefused("no"), 409, "registry_document_refused"),
        (KeyError("legalSurname"), 500, "internal_error"),
    ],
)
def test_every_error_has_its_answer(error: Exception, status: int, code: str) -> None:
    answer = body(error)
    assert (answer["status"], answer["code"]) == (status, code)


def test_an_unknown_error_tells_neither_the_caller_nor_the_log_what_it_was_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = body(ValueError("Robin Example"))
    assert "Robin" not in json.dumps(answer)
    assert "Robin" not in caplog.text
    assert "ValueError" in caplog.text
