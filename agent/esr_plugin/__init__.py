"""Plugin: staff records from ESR."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN

from agent.domain.ports.audit import Audit
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.workforce import Organisation, Vpd
from agent.esr_plugin.access import EsrAccess
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.searches import Searches
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.settings import EsrSettings
from agent.plugin_settings import PluginSettingsError, plugin_settings
from agent.store.engine import Store

_inject = ClassProvider.Inject


async def setup(context: InjectionContext) -> None:
    """Bind `StaffRecords`. Comes after `agent.organisation`, whose VPD it must have."""
    settings = plugin_settings(context, "agent.esr_plugin", EsrSettings)
    if context.inject(Organisation).vpd != settings.vpd:
        raise PluginSettingsError("agent.esr_plugin.vpd: is not the organisation's own")
    client = EsrClient(settings)
    bind = context.injector.bind_provider
    bind(Searches, ClassProvider(StoredSearches, _inject(Store), _inject(Organisation)))
    bind(
        StaffRecords,
        ClassProvider(
            EsrStaffRecords,
            client,
            EsrAccess(client, Vpd(settings.vpd)),
            _inject(Searches),
            _inject(Audit),
            search_key=settings.search_key.get_secret_value().encode(),
        ),
    )

    async def close(_profile: Profile, _event: Event) -> None:
        await client.close()

    context.inject(EventBus).subscribe(SHUTDOWN_EVENT_PATTERN, close)
