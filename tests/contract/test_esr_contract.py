"""The sandbox and our client, both held to the ESR API's OpenAPI document."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from agent.domain.errors import NotFound
from agent.domain.workforce import EmployeeNumber
from agent.esr_plugin import mapping
from agent.esr_plugin.client import EsrClient
from tests.support.esr import criteria, sandbox_settings
from tests.support.esr_contract import CONTRACT, REGISTRY, absolute, in_contract
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.unwell_esr import client_settings

PEOPLE = [f"901{number:05d}" for number in (1, 10, 11, 12, 13, 14, 15, 16, 17, 20, 22)] + [
    f"901{number:05d}" for number in range(1000, 1060)
]


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings(people=60)) as server:
        yield server


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in CONTRACT["paths"].items():
        for method in methods.keys() - {"parameters"}:
            yield path, method


def test_the_contract_is_a_valid_openapi_document() -> None:
    validate(CONTRACT)


def test_the_contract_has_no_field_that_must_never_leave_esr() -> None:
    words = ("salary", "ethnic", "disab", "marital")
    properties = [
        name.lower()
        for schema in CONTRACT["components"]["schemas"].values()
        for name in schema.get("properties", {})
    ]
    assert not [name for name in properties if any(word in name for word in words)]


async def test_a_token_is_as_the_contract_has_it(sandbox: SandboxServer) -> None:
    status, answer = await sandbox.form(client_id="northmoor", client_secret="northmoor-secret")
    assert status == 200
    in_contract("/oauth2/token", "post", 200, answer)


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_id": "northmoor", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody", "client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
async def test_a_token_is_refused_as_the_contract_has_it(
    sandbox: SandboxServer, fields: dict[str, str], status: int, error: str
) -> None:
    answered = await sandbox.form(**fields)
    assert answered == (status, {"error": error})
    in_contract("/oauth2/token", "post", *answered)


@pytest.mark.parametrize("number", PEOPLE)
async def test_every_record_of_a_person_is_as_the_contract_has_it(
    sandbox: SandboxServer, number: str
) -> None:
    token = await sandbox.token()
    for path, method in operations():
        if "{employeeNumber}" in path:
            status, answer = await sandbox.ask(
                method.upper(), path.replace("{employeeNumber}", number), token=token
            )
            assert status == 200
            in_contract(path, method, status, answer)


async def test_candidates_are_as_the_contract_has_them(sandbox: SandboxServer) -> None:
    search = {"dateOfBirth": "1994-08-21"}
    status, answer = await sandbox.ask("POST", "/v1/people/searches", search, token=await sandbox.token())
    in_contract("/v1/people/searches", "post", status, answer)
    assert [each["firstName"] for each in answer["people"]] == ["Sofia", "Sophia"]


async def test_candidates_are_cut_off_at_the_limit_and_say_so() -> None:
    async with a_sandbox(sandbox_settings(candidate_limit=1)) as small:
        search = {"dateOfBirth": "1994-08-21"}
        _, answer = await small.ask("POST", "/v1/people/searches", search, token=await small.token())
    assert len(answer["people"]) == 1
    assert answer["complete"] is False


@pytest.mark.parametrize(
    "search",
    [
        {},
        {"dateOfBirth": "21/08/1994"},
        {"dateOfBirth": "1994-08-21", "surname": "x"},
        {"dateOfBirth": "1994-08-21", "niNumber": "1"},
    ],
)
async def test_a_malformed_search_is_refused_without_being_repeated(
    sandbox: SandboxServer, search: dict[str, str]
) -> None:
    status, answer = await sandbox.ask("POST", "/v1/people/searches", search, token=await sandbox.token())
    assert status == 400
    in_contract("/v1/people/searches", "post", status, answer)
    assert "21/08/1994" not in str(answer)


@pytest.mark.parametrize(("path", "method"), list(operations()))
async def test_nothing_but_a_token_is_given_without_one(
    sandbox: SandboxServer, path: str, method: str
) -> None:
    if path == "/oauth2/token":
        return
    for token in (None, "made-up"):
        url = path.replace("{employeeNumber}", "90100010")
        status, answer = await sandbox.ask(method.upper(), url, token=token)
        assert status == 401
        in_contract(path, method, status, answer)


async def test_nobody_of_another_vpd_is_there(sandbox: SandboxServer) -> None:
    token = await sandbox.token("calder-bay")
    for path, method in operations():
        if "{employeeNumber}" in path:
            url = path.replace("{employeeNumber}", "90100010")
            status, answer = await sandbox.ask(method.upper(), url, token=token)
            assert status == 404
            in_contract(path, method, status, answer)
    search = {"dateOfBirth": "1990-05-17", "niNumber": "JR482913B", "employeeNumber": "90100010"}
    _, found = await sandbox.ask("POST", "/v1/people/searches", search, token=token)
    assert "90100010" not in [each["employeeNumber"] for each in found["people"]]


async def test_an_outage_is_as_the_contract_has_it(sandbox: SandboxServer) -> None:
    token = await sandbox.token()
    assert await sandbox.control("POST", "outage", {"mode": "error"}) == 204
    status, answer = await sandbox.ask("GET", "/v1/people/90100010", token=token)
    await sandbox.control("DELETE", "outage")
    assert status == 503
    in_contract("/v1/people/{employeeNumber}", "get", status, answer)
    assert (await sandbox.ask("GET", "/v1/people/90100010", token=token))[0] == 200


class Overheard:
    """What was asked of a sandbox, and what it answered: path, method, body, status, answer."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[str, str, Any, int, Any]] = []

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body: Any = dict(await request.post()) if request.path == "/oauth2/token" else await request.read()
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        asked = json.loads(body) if isinstance(body, bytes) and body else body or None
        path = re.sub(r"/[0-9]{8}", "/{employeeNumber}", request.path)
        told = json.loads(response.body)
        self.exchanges.append((path, request.method.lower(), asked, response.status, told))
        if path != "/oauth2/token":
            assert request.headers["Authorization"].startswith("Bearer ")
        return response


def is_a_request_of_the_contract(path: str, method: str, body: object) -> None:
    """Check a body against what the document says of this operation: nothing, where it says nothing."""
    if "requestBody" not in CONTRACT["paths"][path][method]:
        assert body is None
        return
    (content,) = CONTRACT["paths"][path][method]["requestBody"]["content"].values()
    checker = Draft202012Validator.FORMAT_CHECKER
    schema = absolute(content["schema"])
    Draft202012Validator(schema, registry=REGISTRY, format_checker=checker).validate(body)


async def test_our_client_asks_and_is_answered_as_the_contract_has_it() -> None:
    overheard = Overheard()
    async with a_sandbox(sandbox_settings(), watch=overheard.middleware) as watched:
        client = EsrClient(client_settings(watched.url))
        number = EmployeeNumber("90100010")
        sought = criteria(ni="JR482913B", number="90100010")
        await client.candidates(mapping.search(sought))
        for question in (client.person, client.assignments, client.checks, client.user_access):
            await question(number)
        with pytest.raises(NotFound):
            await client.person(EmployeeNumber("90200001"))
        await client.close()
    for path, method, asked, status, told in overheard.exchanges:
        is_a_request_of_the_contract(path, method, asked)
        in_contract(path, method, status, told)
    assert {(path, method) for path, method, *_ in overheard.exchanges} == set(operations())


def test_the_contract_asks_for_a_certificate_wherever_it_asks_for_a_token() -> None:
    assert CONTRACT["security"] == [{"clientCredentials": [], "mutualTLS": []}]
    own = {
        path: CONTRACT["paths"][path][method]["security"]
        for path, method in operations()
        if "security" in CONTRACT["paths"][path][method]
    }
    assert own == {"/oauth2/token": [{"mutualTLS": []}]}
