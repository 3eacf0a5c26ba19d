"""The sandbox slow, and at odds with itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.domain.errors import Unavailable
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, Vpd
from agent.esr_plugin import mapping
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.settings import Timeouts
from tests.support.esr import (
    AttemptsInMemory,
    AuditInMemory,
    SearchesInMemory,
    an_actor,
    sandbox_settings,
)
from tests.support.esr_contract import in_contract
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.neighbours import InGoodStanding
from tests.support.unwell_esr import client_settings

NURSE = "90100010"
PATHS = {
    "wrong_person": "/v1/people/{employeeNumber}",
    "wrong_user": "/v1/users/{employeeNumber}/access",
    "others_assignment": "/v1/people/{employeeNumber}/assignments",
    "assignment_twice": "/v1/people/{employeeNumber}/assignments",
    "ends_before_start": "/v1/people/{employeeNumber}/assignments",
    "check_twice": "/v1/people/{employeeNumber}/checks",
}


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings()) as server:
        yield server


async def answers(sandbox: SandboxServer, path: str) -> Any:
    url = path.replace("{employeeNumber}", NURSE)
    status, answer = await sandbox.ask("GET", url, token=await sandbox.token())
    assert status == 200
    in_contract(path, "get", 200, answer)
    return answer


async def test_a_slow_answer_is_the_same_answer(sandbox: SandboxServer) -> None:
    path = PATHS["wrong_person"]
    before = await answers(sandbox, path)
    assert await sandbox.control("POST", "outage", {"mode": "slow", "delay": 0.01}) == 204
    assert await answers(sandbox, path) == before


async def test_whoever_waits_for_a_slow_answer_has_it_when_the_sandbox_is_well_again(
    sandbox: SandboxServer,
) -> None:
    token = await sandbox.token()
    assert await sandbox.control("POST", "outage", {"mode": "slow", "delay": 3600}) == 204
    waiting = asyncio.create_task(sandbox.ask("GET", f"/v1/people/{NURSE}", token=token))
    assert await sandbox.control("DELETE", "outage") == 204
    assert (await waiting)[0] == 200


@pytest.mark.parametrize("contradiction", sorted(PATHS))
async def test_an_inconsistent_answer_is_well_formed_and_another_one(
    sandbox: SandboxServer, contradiction: str
) -> None:
    path = PATHS[contradiction]
    right = await answers(sandbox, path)
    body = {"mode": "inconsistent", "contradictions": [contradiction]}
    assert await sandbox.control("POST", "outage", body) == 204
    assert await answers(sandbox, path) != right
    for other in set(PATHS.values()) - {path}:
        assert NURSE in str(await answers(sandbox, other))

    assert await sandbox.control("DELETE", "outage") == 204
    assert await answers(sandbox, path) == right


async def test_a_person_is_answered_under_another_number(sandbox: SandboxServer) -> None:
    assert await sandbox.control("POST", "outage", {"mode": "inconsistent"}) == 204

    assert (await answers(sandbox, PATHS["wrong_person"]))["employeeNumber"] != NURSE
    assert (await answers(sandbox, PATHS["wrong_user"]))["employeeNumber"] != NURSE
    assignments = (await answers(sandbox, PATHS["others_assignment"]))["assignments"]
    assert [each["assignmentNumber"] for each in assignments] == [NURSE, NURSE, "99999999"]
    assert all(each["effectiveEnd"] < each["effectiveStart"] for each in assignments)
    checks = [each["checkType"] for each in (await answers(sandbox, PATHS["check_twice"]))["checks"]]
    assert checks.count("IDENTITY") == 2


@pytest.mark.parametrize(
    "body", [{"mode": "inconsistent", "contradictions": ["everything"]}, {"mode": "slow", "delay": -1}]
)
async def test_there_is_no_other_way_to_misbehave(sandbox: SandboxServer, body: dict[str, Any]) -> None:
    assert await sandbox.control("POST", "outage", body) == 400


async def test_our_client_takes_no_contradiction_for_an_answer(sandbox: SandboxServer) -> None:
    client = EsrClient(client_settings(sandbox.url))
    gate = EsrGate(EsrAccess(client, Vpd("901")), InGoodStanding())
    records = EsrStaffRecords(
        client, gate, SearchesInMemory(), AttemptsInMemory(), AuditInMemory(), search_key=b"key"
    )
    number = EmployeeNumber(NURSE)
    for contradiction in sorted(PATHS):
        body = {"mode": "inconsistent", "contradictions": [contradiction]}
        assert await sandbox.control("POST", "outage", body) == 204
        with pytest.raises(Unavailable) as unavailable:
            await records.record(number, AssignmentNumber(NURSE), by=an_actor())
        assert unavailable.value.code == "esr_answer_malformed", contradiction
    assert await sandbox.control("DELETE", "outage") == 204
    assert (await records.record(number, AssignmentNumber(NURSE), by=an_actor())).person
    await client.close()


async def test_our_client_waits_for_a_slow_answer_as_long_as_it_is_told_and_no_longer(
    sandbox: SandboxServer,
) -> None:
    impatient = client_settings(sandbox.url, timeouts=Timeouts(answer=0.2, overall=0.5))
    client = EsrClient(impatient)
    assert await sandbox.control("POST", "outage", {"mode": "slow", "delay": 3600}) == 204
    with pytest.raises(Unavailable) as unavailable:
        await client.person(EmployeeNumber(NURSE))
    assert unavailable.value.code == "esr_unavailable"
    assert await sandbox.control("POST", "outage", {"mode": "slow", "delay": 0.01}) == 204
    assert mapping.employee_number_of(await client.person(EmployeeNumber(NURSE))) == NURSE
    await client.close()
