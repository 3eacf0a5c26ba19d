"""An outbound file comes in: it is imported by its own process, and HR has something to look at."""

from pathlib import Path
from typing import Any

import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.esr_file import (
    a_department,
    a_person,
    a_position,
    a_registration,
    an_assignment,
    checks,
    write,
)
from tests.support.journey import a_passport, audit_entries, hr, imported, persona, refused, until

type Json = dict[str, Any]


@pytest.fixture
def inbox(network: Network) -> Path:
    return Path(network.agents[NORTHMOOR.slug].settings["esr"]["outbound"]["inbox"])


async def tasks_about(network: Network, passport: str) -> list[Json]:
    found = (await hr(network).get("/tasks?limit=200"))["tasks"]
    return [task for task in found if task["passport"] == passport]


async def test_a_changed_assignment_is_a_task_for_hr_when_it_has_a_passport(
    network: Network, inbox: Path
) -> None:
    passport = await a_passport(network, "nurse")
    number = str((await persona(network, "nurse"))["employeeNumber"])
    post = {"AssignmentNumber": number}
    same = [a_person(1, EmployeeNumber=number), an_assignment(1, **post), checks(1), a_registration(1)]
    write(inbox, [*same, a_position(), a_department()], "F", 1)
    write(inbox, [an_assignment(1, FTE="0.6", **post)], "D", 2)

    delta, full = (await imported(network, NORTHMOOR, files=2))[:2]

    assert [(one["state"], one["kind"], one["sequence"]) for one in (full, delta)] == [
        ("imported", "F", 1),
        ("imported", "D", 2),
    ]
    (task,) = await until(lambda: tasks_about(network, passport["id"]), lambda found: len(found) == 1)
    assert (task["kind"], task["reason"], task["comment"]) == ("staff_change", "assignment_changed", "fte")
    shown = await network.client(NORTHMOOR).get(f"/esr/imports/{delta['id']}")
    assert (shown["counts"]["changed"], shown["counts"]["changes"], shown["rejected"]) == (1, 1, [])
    entries = await audit_entries(network, NORTHMOOR)
    assert {each.actor for each in entries if each.action == "import ESR outbound file"} == {"system:esr"}


async def test_an_administrator_sees_which_lines_were_not_taken_and_no_value(
    network: Network, inbox: Path
) -> None:
    wrong = an_assignment(1, FTE="a half of one")
    write(inbox, [wrong], "F", 90)
    found = await imported(network, NORTHMOOR)
    (rejected,) = (one for one in found if one["sequence"] == 90)

    shown = await network.client(NORTHMOOR).get(f"/esr/imports/{rejected['id']}")

    assert (shown["state"], shown["code"], shown["rejected_count"]) == ("rejected", "lines_rejected", 1)
    assert shown["rejected"] == [
        {
            "line": 2,
            "column": "FTE",
            "code": "not_a_number",
            "sentence": "This is no number of the form that it must have.",
        }
    ]
    assert "a half of one" not in str(shown)


async def test_only_a_machine_imports_and_only_an_administrator_looks(network: Network) -> None:
    assert (await refused(hr(network).post("/esr/imports"))).code == "not_permitted"
    assert (await refused(hr(network).get("/esr/imports"))).code == "not_permitted"
    assert (await refused(network.machine(NORTHMOOR).get("/esr/imports"))).code == "not_permitted"
