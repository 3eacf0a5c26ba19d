"""The gate before ESR: three clauses, asked now, all failures named."""

from dataclasses import replace

import pytest

from agent.domain.errors import PolicyRefused, Unavailable
from agent.domain.workforce import Vpd
from agent.esr_plugin.access import EsrAccess
from agent.esr_plugin.mapping import MalformedAnswer
from tests.support.esr import SandboxEsr, a_directory, an_actor

ACTIVE = {"employeeNumber": "90100001", "userRecordStatus": "Active"}


async def the_codes(esr: SandboxEsr, employee_number: str | None = "90100001") -> list[str]:
    with pytest.raises(PolicyRefused) as refused:
        await EsrAccess(esr, Vpd("901")).require(an_actor(employee_number))
    assert all(refusal.mended_by for refusal in refused.value.refusals)
    return [refusal.code for refusal in refused.value.refusals]


@pytest.fixture
def esr() -> SandboxEsr:
    return SandboxEsr(a_directory())


async def test_an_active_user_with_the_role_and_a_recorded_number_may(esr: SandboxEsr) -> None:
    await EsrAccess(esr, Vpd("901")).require(an_actor())


async def test_an_inactive_record_is_refused(esr: SandboxEsr) -> None:
    assert await the_codes(esr, "90100004") == ["esr_record_inactive"]


async def test_a_user_without_the_role_is_refused(esr: SandboxEsr) -> None:
    assert await the_codes(esr, "90100003") == ["esr_role_missing"]


async def test_the_role_in_another_organisation_does_not_count(esr: SandboxEsr) -> None:
    assert await the_codes(esr, "90100005") == ["esr_role_missing"]


@pytest.mark.parametrize(
    "role", ["digital passport administrator", "Digital Passport Administrator (read only)", ""]
)
async def test_another_role_is_not_the_role(esr: SandboxEsr, role: str) -> None:
    esr.answers["user_access"] = {**ACTIVE, "supplementaryRoles": [{"role": role, "vpd": "901"}]}
    assert await the_codes(esr) == ["esr_role_missing"]


async def test_every_failed_clause_is_named_at_once(esr: SandboxEsr) -> None:
    esr.answers["user_access"] = {**ACTIVE, "userRecordStatus": "Inactive", "supplementaryRoles": []}
    assert await the_codes(esr) == ["esr_record_inactive", "esr_role_missing"]


async def test_somebody_whom_esr_does_not_know_is_neither_active_nor_in_the_role(esr: SandboxEsr) -> None:
    assert await the_codes(esr, "90199999") == ["esr_record_inactive", "esr_role_missing"]


async def test_without_a_recorded_number_esr_is_not_asked_and_the_refusal_says_so(esr: SandboxEsr) -> None:
    with pytest.raises(PolicyRefused, match="ESR could not be asked") as refused:
        await EsrAccess(esr, Vpd("901")).require(an_actor(None))
    assert [refusal.code for refusal in refused.value.refusals] == ["employee_number_not_recorded"]
    assert esr.asked == []


async def test_the_gate_is_asked_anew_every_time(esr: SandboxEsr) -> None:
    access = EsrAccess(esr, Vpd("901"))
    await access.require(an_actor())
    member = esr.directory.member("901", "90100001")
    inactive = member.access.model_copy(update={"user_record_status": "Inactive"})
    esr.directory.put("901", member.model_copy(update={"access": inactive}))
    assert await the_codes(esr) == ["esr_record_inactive"]


async def test_an_esr_that_does_not_answer_is_neither_yes_nor_no(esr: SandboxEsr) -> None:
    esr.unavailable = True
    with pytest.raises(Unavailable) as unavailable:
        await EsrAccess(esr, Vpd("901")).require(an_actor())
    assert unavailable.value.code == "esr_unavailable"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {**ACTIVE, "employeeNumber": "90100002", "supplementaryRoles": []},
        {**ACTIVE, "userRecordStatus": "active", "supplementaryRoles": []},
        {**ACTIVE, "supplementaryRoles": "Digital Passport Administrator"},
        {**ACTIVE, "supplementaryRoles": ["Digital Passport Administrator"]},
        {**ACTIVE, "supplementaryRoles": [{"role": "Digital Passport Administrator"}]},
    ],
)
async def test_a_malformed_access_record_lets_nobody_through(esr: SandboxEsr, answer: object) -> None:
    esr.answers["user_access"] = answer
    with pytest.raises(MalformedAnswer):
        await EsrAccess(esr, Vpd("901")).require(an_actor())


async def test_only_the_actors_own_number_counts(esr: SandboxEsr) -> None:
    nobody = replace(an_actor(), employee_number=None)
    with pytest.raises(PolicyRefused):
        await EsrAccess(esr, Vpd("901")).require(nobody)
