"""The sandbox's outbound files, held to the layout that everyone who reads them knows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from esr_sandbox.layout import COLUMNS, SEPARATOR, Kind
from esr_sandbox.outbound import CHECK_COLUMNS
from tests.support.esr import TODAY, sandbox_settings
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.outbound_files import LAYOUT, OutboundText

DOCTOR = "people/901/90100011"


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings(people=40, outbound=tmp_path / "outbound")) as server:
        yield server


async def made(sandbox: SandboxServer, kind: str, vpd: str = "901") -> dict[str, Any]:
    status, answer = await sandbox.ask(
        "POST", "/sandbox/outbound-files", {"vpd": vpd, "kind": kind}, token="control"
    )
    assert status == 200
    return dict(answer)


def test_the_sandbox_writes_the_columns_of_the_layout_in_their_order() -> None:
    laid_out = {each["update"][:2]: each for each in LAYOUT["records"].values() if "update" in each}

    assert {str(kind): list(columns) for kind, columns in COLUMNS.items()} == {
        kind: each["columns"] for kind, each in laid_out.items()
    }
    assert all(
        (each["update"], each["delete"]) == (f"{kind}A", f"{kind}D") for kind, each in laid_out.items()
    )
    assert LAYOUT["separator"] == SEPARATOR


async def test_every_check_has_the_parts_of_the_layout(sandbox: SandboxServer) -> None:
    parts = LAYOUT["records"]["checks"]["composites"]
    assert list(CHECK_COLUMNS.values()) == list(parts) == list(COLUMNS[Kind.CHECKS])[1:-1]

    file = OutboundText.read((await made(sandbox, "F"))["text"])
    for row in file.of("CKA"):
        for name, columns in parts.items():
            assert not row[name] or len(row[name].split("|")) == len(columns)


async def test_one_change_is_one_line_of_a_delta(sandbox: SandboxServer, tmp_path: Path) -> None:
    assert (await made(sandbox, "F"))["name"] == "GO_901_F_20261123_00000002.DAT"
    path = f"{DOCTOR}/assignments/90100011-2"
    assert await sandbox.control("PATCH", path, {"userAssignmentStatus": "Suspend With Pay"}) == 204
    delta = await made(sandbox, "D")

    ((record_type, row),) = OutboundText.read(delta["text"]).records
    assert (record_type, row["AssignmentNumber"]) == ("ASA", "90100011-2")
    assert row["UserAssignmentStatus"] == "Suspend With Pay"
    assert delta["name"] == "GO_901_D_20261123_00000003.DAT"
    assert (tmp_path / "outbound" / delta["name"]).read_text("utf-8") == delta["text"]


async def test_a_registration_changes_by_its_number(sandbox: SandboxServer) -> None:
    file = OutboundText.read((await made(sandbox, "F"))["text"])
    (known,) = [row for row in file.of("RGA") if row["RegistrationId"] == "9010001101"]
    path = f"{DOCTOR}/registrations/{known['Number']}"
    assert await sandbox.control("PATCH", path, {"status": "Suspended"}) == 204
    assert await sandbox.control("PATCH", path, {"number": "no number of the GMC"}) == 400

    ((_, row),) = OutboundText.read((await made(sandbox, "D"))["text"]).records
    assert (row["Body"], row["Status"]) == ("GMC", "Suspended")


async def test_a_month_passes_for_the_api_and_is_a_delta_of_every_vpd(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    status, month = await sandbox.ask("POST", "/sandbox/months", token="control")
    assert (status, month["on"]) == (200, "2026-12-23")
    assert {each["vpd"]: each["name"] for each in month["files"]} == {
        vpd: f"GO_{vpd}_D_20261223_00000002.DAT" for vpd in ("901", "902")
    }
    assert {each.name for each in (tmp_path / "outbound").iterdir()} == {e["name"] for e in month["files"]}

    delta = OutboundText.read(month["files"][0]["text"])
    (left,) = [row for row in delta.of("PRA") if row["EmployeeNumber"] == "90100022"]
    token = await sandbox.token()
    _, person = await sandbox.ask("GET", "/v1/people/90100022", token=token)
    assert left["ActualTerminationDate"] == f"{TODAY:%Y%m%d}"
    assert person["actualTerminationDate"] == TODAY.isoformat()


@pytest.mark.parametrize(("body", "status"), [({"vpd": "777", "kind": "F"}, 404), ({"vpd": "901"}, 400)])
async def test_a_file_that_cannot_be_made_is_said(
    sandbox: SandboxServer, body: dict[str, str], status: int
) -> None:
    assert await sandbox.control("POST", "outbound-files", body) == status
