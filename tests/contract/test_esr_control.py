"""The operator's hand on the sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.esr import TODAY, sandbox_settings
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox

DOCTOR = "people/901/90100011"
SECOND = f"{DOCTOR}/assignments/90100011-2"


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings()) as server:
        yield server


async def records(sandbox: SandboxServer, path: str) -> Any:
    status, answer = await sandbox.ask("GET", path, token=await sandbox.token())
    assert status == 200
    return answer


async def second_assignment(sandbox: SandboxServer) -> Any:
    return (await records(sandbox, "/v1/people/90100011/assignments"))["assignments"][1]


async def test_the_cast_is_listed(sandbox: SandboxServer) -> None:
    async with sandbox.session.get(
        f"{sandbox.url}/sandbox/personas", headers={"Authorization": "Bearer control"}
    ) as response:
        personas = {each["key"]: each for each in (await response.json())["personas"]}
    assert personas["doctor"]["assignmentNumbers"] == ["90100011", "90100011-2"]


async def test_an_assignment_ends_today_or_on_a_day_in_the_past(sandbox: SandboxServer) -> None:
    assert await sandbox.control("POST", f"{SECOND}/end") == 204
    ending = await second_assignment(sandbox)
    assert (ending["assignmentEndDate"], ending["userAssignmentStatus"]) == (
        TODAY.isoformat(),
        "Active Assignment",
    )
    assert await sandbox.control("POST", f"{SECOND}/end", {"on": "2026-11-22"}) == 204
    ended = await second_assignment(sandbox)
    assert (ended["assignmentEndDate"], ended["userAssignmentStatus"]) == ("2026-11-22", "Terminate Process")


async def test_fields_change_and_reset_puts_them_back(sandbox: SandboxServer) -> None:
    before = await second_assignment(sandbox)
    assert await sandbox.control("PATCH", SECOND, {"userAssignmentStatus": "Suspend With Pay"}) == 204
    assert await sandbox.control("PATCH", DOCTOR, {"lastName": "Newname"}) == 204
    assert (await second_assignment(sandbox))["userAssignmentStatus"] == "Suspend With Pay"
    assert (await records(sandbox, "/v1/people/90100011"))["lastName"] == "Newname"
    assert await sandbox.control("POST", "reset") == 204
    assert await second_assignment(sandbox) == before


async def test_checks_change_and_vanish(sandbox: SandboxServer) -> None:
    assert await sandbox.control("PATCH", f"{DOCTOR}/checks/DBS", {"outcome": "Pending"}) == 204
    assert await sandbox.control("DELETE", f"{DOCTOR}/checks/WORK_HEALTH") == 204
    checks = {
        each["checkType"]: each for each in (await records(sandbox, "/v1/people/90100011/checks"))["checks"]
    }
    assert checks["DBS"]["outcome"] == "Pending"
    assert "WORK_HEALTH" not in checks


async def test_roles_and_status_come_and_go(sandbox: SandboxServer) -> None:
    role = f"{DOCTOR}/roles/Digital%20Passport%20Administrator"
    assert await sandbox.control("PUT", role) == 204
    assert await sandbox.control("PUT", role) == 204
    assert await sandbox.control("PUT", f"{DOCTOR}/status", {"status": "Inactive"}) == 204
    access = await records(sandbox, "/v1/users/90100011/access")
    assert access["supplementaryRoles"] == [{"role": "Digital Passport Administrator", "vpd": "901"}]
    assert access["userRecordStatus"] == "Inactive"
    assert await sandbox.control("DELETE", role) == 204
    assert (await records(sandbox, "/v1/users/90100011/access"))["supplementaryRoles"] == []


async def test_an_outage_ends_by_itself(sandbox: SandboxServer) -> None:
    assert await sandbox.control("POST", "outage", {"mode": "hang", "seconds": 0.05}) == 204
    assert (await sandbox.ask("GET", "/v1/people/90100011"))[0] == 503
    assert (await sandbox.ask("GET", "/v1/people/90100011"))[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", DOCTOR, {"salary": 1}, 400),
        ("PATCH", DOCTOR, {"dateOfBirth": "tomorrow"}, 400),
        ("PATCH", f"{DOCTOR}/assignments/90100011-9", {}, 404),
        ("PATCH", "people/901/99999999", {}, 404),
        ("PATCH", "people/777/90100011", {}, 404),
        ("PUT", f"{DOCTOR}/status", {"status": "Asleep"}, 400),
        ("POST", "outage", {"mode": "explode"}, 400),
        ("POST", "nothing", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_said(
    sandbox: SandboxServer, method: str, path: str, body: object, status: int
) -> None:
    assert await sandbox.control(method, path, body) == status


async def test_the_control_api_is_closed_to_whoever_has_not_its_token(sandbox: SandboxServer) -> None:
    for token in (None, "wrong", await sandbox.token()):
        assert (await sandbox.ask("GET", "/sandbox/personas", token=token))[0] == 401


async def test_without_a_control_token_there_is_no_control_api() -> None:
    async with a_sandbox(sandbox_settings(control_token=None)) as closed:
        assert (await closed.ask("GET", "/sandbox/personas", token="control"))[0] == 404
