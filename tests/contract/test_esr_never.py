"""What must never leave ESR is sent by it all the same, in every object; and is nowhere afterwards."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import SecretStr

from agent.audit.chain import AuditChain
from agent.domain.actors import Actor
from agent.domain.errors import StaffPassportError
from agent.domain.ports.administrators import Administrators, Notice
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import AssignmentNumber, OdsCode, Organisation, Vpd
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.answers import match_answer
from agent.esr_plugin.attempts import StoredAttempts
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.feed import StaffFeed
from agent.esr_plugin.feed_changes import StoredStaffChanges
from agent.esr_plugin.feed_settings import OutboundSettings
from agent.esr_plugin.import_process import in_a_process
from agent.esr_plugin.limits import Limits
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.service import EsrStaffRecords
from agent.store.engine import Store
from staff_passport.embedded_postgres import Databases
from tests.support.esr import TODAY, an_actor, criteria, sandbox_settings
from tests.support.esr_file import a_department, a_person, a_position, an_assignment, checks, write
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.every_row import every_row
from tests.support.neighbours import InGoodStanding
from tests.support.unwell_esr import client_settings

OURS = Organisation(OdsCode("ZZNM1"), "Northmoor Teaching Hospitals", Vpd("901"))
NEVER = {
    "annualSalary": "salary-zquorvex",
    "ethnicOrigin": "ethnicity-zquorvex",
    "maritalStatus": "marital-zquorvex",
    "disabilityFlag": "disability-zquorvex",
    "AnnualSalary": 987_654_321,
}
MARKS = ("zquorvex", "987654321")
MANY = Limits(1_000, 1_000, 1_000, 1_000, 1_000, 1_000)


class NobodyToTell(Administrators):
    async def tell(self, notice: Notice) -> None:
        """Nobody is told."""


def with_more(value: Any) -> Any:
    """The same JSON, each object in it with what must never leave ESR."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if isinstance(value, dict):
        return {name: with_more(each) for name, each in value.items()} | NEVER
    return value


@web.middleware
async def saying_too_much(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not isinstance(response, web.Response) or not request.path.startswith("/v1/"):
        return response
    return web.json_response(with_more(json.loads(response.text or "null")), status=response.status)


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings(), watch=saying_too_much) as server:
        yield server


async def uses(records: EsrStaffRecords, by: Actor, searches: list[SearchCriteria]) -> list[str]:
    """Everything that is told of some searches, one of which leads on to an assignment."""
    told = list[str]()
    for each in searches:
        try:
            match = await records.search(each, by=by)
        except StaffPassportError as error:
            told += [str(error), repr(vars(error))]
        else:
            told += [repr(asdict(match)), match_answer(match, TODAY).model_dump_json()]
    chosen = await records.search(criteria(ni="JR482913B"), by=by)
    record = await records.chosen(chosen.search, AssignmentNumber("90100010"), by=by)
    return [*told, repr(asdict(record))]


async def test_salary_ethnicity_disability_and_marital_status_do_not_pass_the_adapter(
    sandbox: SandboxServer, store: Store, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, audit = EsrClient(client_settings(sandbox.url)), AuditChain(store, OURS.ods_code, b"a salt")
    records = EsrStaffRecords(
        client,
        EsrGate(EsrAccess(client, Vpd("901")), InGoodStanding()),
        StoredSearches(store, OURS),
        StoredAttempts(store, OURS, audit, NobodyToTell(), MANY),
        audit,
        search_key=b"key",
    )
    searches = [
        criteria(ni="JR482913B"),  # strong
        criteria("Calderford", "Idris", date(1988, 9, 2), number="90100011"),
        criteria("Fenwick"),  # weak
        criteria("Thornbeck", "Sofi", date(1994, 8, 21)),  # twins
        criteria("Nobody", "At All"),
    ]

    told = await uses(records, an_actor(), searches)
    await client.close()

    kept = "\n".join(row for _, row in every_row(databases.migration_url, OURS.ods_code))
    assert "90100010" in kept, "what was kept is looked at"
    assert any("Fennwick" in each for each in told), "what was told is looked at"
    for mark in MARKS:
        assert mark not in kept
        assert not [each for each in told if mark in each]
        assert mark not in caplog.text


async def test_nor_do_they_out_of_an_outbound_file(
    store: Store,
    databases: Databases,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    feed = StaffFeed(
        store=store,
        organisation=OURS,
        audit=AuditChain(store, OURS.ods_code, b"a salt"),
        standing=InGoodStanding(),
        settings=OutboundSettings(inbox=tmp_path, key=SecretStr("k" * 32)),
        importing=in_a_process,
    )

    def files(**changed: str) -> list[str]:
        private = {
            "EthnicOrigin": "ethnicity-zquorvex",
            "MaritalStatus": "marital-zquorvex",
            "DisabilityFlag": "disability-zquorvex",
        }
        return [
            a_person(1, **private, **changed),
            an_assignment(1, AnnualSalary="987654321"),
            checks(1),
            a_position(),
            a_department(),
        ]

    write(tmp_path, files(), "F", 1, vpd="901")
    write(tmp_path, files(LastName="Fennwyck"), "D", 2, vpd="901")
    write(tmp_path, [*files(), an_assignment(2, AnnualSalary="987654321", FTE="zquorvex")], "D", 3, vpd="901")
    await feed.catch_up()

    told = await StoredStaffChanges(store, OURS.ods_code).after_cursor("a test", limit=100)
    kept = "\n".join(row for _, row in every_row(databases.migration_url, OURS.ods_code))
    written = capfd.readouterr()
    assert [each.change.kind for each in told] == ["person_changed"]
    assert "not_a_number" in kept, "a line with marks was rejected"
    for mark in MARKS:
        assert mark not in kept
        assert mark not in repr(told)
        assert mark not in caplog.text + written.out + written.err
