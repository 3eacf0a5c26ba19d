"""Our ESR client against a real sandbox over HTTP, well and unwell."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from agent.domain.errors import NotFound, Unavailable
from agent.domain.ports.staff_records import MatchStrength
from agent.domain.workforce import AssignmentNumber, EmployeeNumber, Vpd
from agent.esr_plugin import mapping
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.settings import Timeouts
from tests.support.esr import (
    NOON,
    AttemptsInMemory,
    AuditInMemory,
    SearchesInMemory,
    an_actor,
    criteria,
    sandbox_settings,
    shown,
)
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.neighbours import InGoodStanding
from tests.support.ports import free_port
from tests.support.unwell_esr import Flaky, Says, Slow, client_settings, served

NURSE = EmployeeNumber("90100010")
HR = EmployeeNumber("90100001")


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings()) as server:
        yield server


@pytest.fixture
async def client(sandbox: SandboxServer) -> AsyncIterator[EsrClient]:
    connected = EsrClient(client_settings(sandbox.url))
    yield connected
    await connected.close()


async def test_a_person_is_read_as_the_domain_has_them(client: EsrClient) -> None:
    person = mapping.person(await client.person(NURSE))
    assert (person.legal_first_name, person.legal_surname) == ("Amara", "Fennwick")
    assert person.date_of_birth == date(1990, 5, 17)


async def test_several_questions_at_once_share_one_token(sandbox: SandboxServer, client: EsrClient) -> None:
    await asyncio.gather(*(client.person(NURSE) for _ in range(20)))
    assert await sandbox.control("DELETE", "tokens") == 204
    assert mapping.person(await client.person(NURSE)).employee_number == NURSE


async def test_a_token_that_was_forgotten_is_fetched_anew(sandbox: SandboxServer, client: EsrClient) -> None:
    await client.person(NURSE)
    await sandbox.control("DELETE", "tokens")
    answers = await asyncio.gather(*(client.checks(NURSE) for _ in range(5)))
    assert all(len(mapping.checks(answer)) == 6 for answer in answers)


async def test_somebody_of_another_vpd_is_not_there(client: EsrClient) -> None:
    for question in (client.person, client.assignments, client.checks, client.user_access):
        with pytest.raises(NotFound):
            await question(EmployeeNumber("90200001"))


@pytest.mark.parametrize(
    ("mode", "code"),
    [("error", "esr_unavailable"), ("hang", "esr_unavailable"), ("malformed", "esr_answer_malformed")],
)
async def test_an_outage_is_unavailable_and_never_an_answer(
    sandbox: SandboxServer, mode: str, code: str
) -> None:
    impatient = client_settings(sandbox.url, timeouts=Timeouts(answer=0.2, overall=0.5))
    client = EsrClient(impatient)
    try:
        await client.person(NURSE)
        await sandbox.control("POST", "outage", {"mode": mode})
        with pytest.raises(Unavailable) as unavailable:
            mapping.person(await client.person(NURSE))
        assert unavailable.value.code == code
        await sandbox.control("DELETE", "outage")
        assert mapping.person(await client.person(NURSE)).employee_number == NURSE
    finally:
        await client.close()


async def test_an_outage_when_the_token_is_fetched_is_unavailable_too(sandbox: SandboxServer) -> None:
    for mode, code in (("error", "esr_unavailable"), ("malformed", "esr_answer_malformed")):
        client = EsrClient(client_settings(sandbox.url))
        await sandbox.control("POST", "outage", {"mode": mode})
        with pytest.raises(Unavailable) as unavailable:
            await client.person(NURSE)
        await client.close()
        assert unavailable.value.code == code


async def test_nobody_there_is_unavailable() -> None:
    client = EsrClient(client_settings(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(Unavailable) as unavailable:
        await client.person(NURSE)
    await client.close()
    assert unavailable.value.code == "esr_unavailable"


async def test_a_wrong_secret_is_unavailable_with_its_own_code(sandbox: SandboxServer) -> None:
    client = EsrClient(client_settings(sandbox.url, client_secret="wrong"))
    with pytest.raises(Unavailable) as unavailable:
        await client.person(NURSE)
    await client.close()
    assert unavailable.value.code == "esr_client_refused"


async def test_a_read_is_tried_again_until_it_is_answered() -> None:
    esr = Flaky(Says(503), Says(502), Says(200))
    async with served(esr) as client:
        assert await client.person(NURSE) == {}
    assert len(esr.asked) == 3


async def test_a_read_is_not_tried_for_ever() -> None:
    esr = Flaky(Says(503))
    async with served(esr) as client:
        with pytest.raises(Unavailable):
            await client.person(NURSE)
    assert len(esr.asked) == 3


@pytest.mark.parametrize(
    "answer",
    [
        Says(200, "not json"),
        Says(200, "[" * 100_000),
        Says(200, "\x00"),
        Says(200, "x" * (5 * 1024 * 1024)),
        Says(302, "", {"Location": "http://127.0.0.1:1/"}),
        Says(418, ""),
        Says(400),
    ],
    ids=["text", "deep", "nul", "long", "redirect", "teapot", "bad request"],
)
async def test_a_malformed_answer_is_unavailable_and_not_asked_for_again(answer: Says) -> None:
    esr = Flaky(answer)
    async with served(esr) as client:
        with pytest.raises(Unavailable) as unavailable:
            await client.person(NURSE)
    assert unavailable.value.code == "esr_answer_malformed"
    assert len(esr.asked) == 1


async def test_as_many_questions_as_allowed_are_in_flight_and_no_more() -> None:
    esr = Slow(enough=3)
    async with served(esr, most_in_flight=3) as client:
        await asyncio.gather(*(client.person(NURSE) for _ in range(9)))
    assert esr.most == 3
    assert len(esr.asked) == 9


async def test_a_search_finds_somebody_whose_chosen_assignment_is_then_read(
    sandbox: SandboxServer, client: EsrClient
) -> None:
    audit = AuditInMemory()
    records = EsrStaffRecords(
        client,
        EsrGate(EsrAccess(client, Vpd("901")), InGoodStanding()),
        SearchesInMemory(),
        AttemptsInMemory(),
        audit,
        search_key=b"key",
        clock=lambda: NOON,
    )
    doctor = criteria("Calderford", "Idris", date(1988, 9, 2), ni="SA305118D")
    match = await records.search(doctor, by=an_actor())
    assert match.strength is MatchStrength.STRONG
    assert [each.number for each in shown(match).assignments] == ["90100011", "90100011-2"]
    record = await records.chosen(match.search, AssignmentNumber("90100011-2"), by=an_actor())
    assert record.assignment.category == "Honorary"
    await sandbox.control("DELETE", f"people/901/{HR}/roles/Digital%20Passport%20Administrator")
    with pytest.raises(Exception, match="supplementary role"):
        await records.chosen(match.search, AssignmentNumber("90100011-2"), by=an_actor())
