"""The plugin as ACA-Py sets it up, with a real sandbox behind it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.utils.testing import create_test_profile

from agent import esr_plugin
from agent.domain.ports.audit import Audit
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.staff_records import MatchStrength, StaffRecords
from agent.domain.ports.standing import OrganisationStanding
from agent.domain.workforce import OdsCode, Organisation, Vpd
from agent.esr_plugin.limits import Attempts
from agent.esr_plugin.searches import Searches
from agent.plugin_settings import PluginSettingsError
from tests.support.esr import (
    AttemptsInMemory,
    AuditInMemory,
    SearchesInMemory,
    an_actor,
    criteria,
    sandbox_settings,
)
from tests.support.esr_sandbox_server import SandboxServer, a_sandbox
from tests.support.neighbours import InGoodStanding


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with a_sandbox(sandbox_settings()) as server:
        yield server


def a_context(url: str, **settings: Any) -> InjectionContext:
    """What ACA-Py gives a plugin, after `agent.organisation` was set up."""
    values = {
        "base_url": url,
        "client_id": "northmoor",
        "client_secret": "northmoor-secret",
        "vpd": "901",
        "search_key": "a search key of at least 32 letters",
    }
    told = {"many": False, "organisations": {"ZZNM1": {**values, **settings}}}
    context = InjectionContext(settings={"plugin_config": {"agent.esr_plugin": told}})
    context.injector.bind_instance(PersonalDataHolders, PersonalDataHolders())
    context.injector.bind_instance(OrganisationStanding, InGoodStanding())
    context.injector.bind_instance(EventBus, EventBus())
    context.injector.bind_instance(Organisation, Organisation(OdsCode("ZZNM1"), "Northmoor", Vpd("901")))
    context.injector.bind_instance(Audit, AuditInMemory())
    return context


async def test_whoever_asks_for_staff_records_gets_those_of_esr(sandbox: SandboxServer) -> None:
    context = a_context(sandbox.url)
    await esr_plugin.setup(context)
    context.injector.bind_instance(Searches, SearchesInMemory())
    context.injector.bind_instance(Attempts, AttemptsInMemory())
    match = await context.inject(StaffRecords).search(criteria(ni="JR482913B"), by=an_actor())
    assert match.strength is MatchStrength.STRONG
    await context.inject(EventBus).notify(await create_test_profile(), Event("acapy::core::shutdown"))


async def test_a_certificate_that_is_not_there_stops_the_start_in_one_line(tmp_path: Path) -> None:
    names = ("certificate", "key", "certificate_authority")
    tls = {name: str(tmp_path / f"{name}.pem") for name in names}
    with pytest.raises(PluginSettingsError) as wrong:
        await esr_plugin.setup(a_context("https://esr.example", tls=tls))
    gone = tls["certificate"]
    assert str(wrong.value) == (
        f"agent.esr_plugin.tls.certificate: {gone} cannot be read: No such file or directory"
    )
