"""The sandbox against whatever the ESR API's document allows, and much that it does not."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.esr import sandbox_settings
from tests.support.esr_contract import CONTRACT
from tests.support.esr_sandbox_server import a_sandbox_in_a_thread

pytest_plugins = ["schemathesis.pytest.plugin"]  # not for every run: see pyproject.toml

API = schemathesis.openapi.from_dict(CONTRACT)
PEOPLE = API.include(path_regex="employeeNumber")
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with a_sandbox_in_a_thread(sandbox_settings(people=60)) as url:
        yield url


@pytest.fixture(scope="module")
def authorised(sandbox: str) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": "northmoor", "client_secret": "northmoor-secret"}
    answer = requests.post(f"{sandbox}/oauth2/token", data=form, timeout=60)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@API.parametrize()
@FEW
def test_every_answer_is_in_the_contract(
    case: schemathesis.Case[Any], sandbox: str, authorised: dict[str, str]
) -> None:
    case.call_and_validate(base_url=sandbox, headers=authorised)


@PEOPLE.parametrize()
@FEW
def test_every_answer_of_somebody_who_is_there_is_in_the_contract(
    case: schemathesis.Case[Any], sandbox: str, authorised: dict[str, str]
) -> None:
    drawn = str(case.path_parameters["employeeNumber"])
    case.path_parameters["employeeNumber"] = f"{90101000 + crc32(drawn.encode(errors='replace')) % 60}"
    response = case.call(base_url=sandbox, headers=authorised)
    case.validate_response(response)
    assert response.status_code == (200 if case.method == "GET" else 405)


# Whatever an HTTP client lets through; never a token that was issued, which has 43 letters.
CREDENTIALS = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=42
)
QUESTIONS = [
    ("POST", "/v1/people/searches"),
    ("GET", "/v1/people/90100010"),
    ("GET", "/v1/people/90100010/assignments"),
    ("GET", "/v1/people/90100010/checks"),
    ("GET", "/v1/users/90100010/access"),
]


@pytest.mark.parametrize(("method", "path"), QUESTIONS)
@FEW
@given(credentials=CREDENTIALS.map(str.strip), scheme=st.sampled_from(["Bearer ", "bearer ", "Basic ", ""]))
def test_with_a_bad_token_nothing_is_answered_and_nothing_breaks(
    sandbox: str, method: str, path: str, credentials: str, scheme: str
) -> None:
    headers = {"Authorization": (scheme + credentials).strip().encode("latin-1")}
    response = requests.request(method, sandbox + path, headers=headers, json={}, timeout=60)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
