"""Plugin: staff records from ESR."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN

from agent.domain.ports.audit import Audit
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.staff_changes import StaffChangeConsumers, StaffChanges
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.ports.standing import OrganisationStanding
from agent.domain.workforce import Organisation, Vpd
from agent.esr_plugin import events
from agent.esr_plugin.access import EsrAccess
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.feed import NoFeed, StaffFeed
from agent.esr_plugin.feed_changes import StoredStaffChanges
from agent.esr_plugin.feed_personal_data import FeedPersonalData
from agent.esr_plugin.import_process import in_a_process
from agent.esr_plugin.imports import Imports
from agent.esr_plugin.personal_data import EsrPersonalData
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.searches import Searches
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.settings import EsrSettings
from agent.store.engine import Store
from agent.wiring import Inject, Made, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind `StaffRecords`."""
    settings = settings_of(context, "agent.esr_plugin", EsrSettings)
    clients = settings.kept(EsrClient)
    bind = context.injector.bind_provider
    bind(EsrClient, clients)
    bind(Searches, Made(lambda own: StoredSearches(own(Store), own(Organisation))))
    bind(StaffRecords, Made(_staff_records))
    bind(EsrPersonalData, Made(lambda own: EsrPersonalData(own(Store), own(Organisation))))
    context.inject(PersonalDataHolders).add(EsrPersonalData)
    _bind_feed(context)

    async def close(_profile: Profile, _event: Event) -> None:
        for client in clients:
            await client.close()

    context.inject(EventBus).subscribe(SHUTDOWN_EVENT_PATTERN, close)


def _bind_feed(context: InjectionContext) -> None:
    """What comes of ESR's outbound files, and who is told of it."""
    bind = context.injector.bind_provider
    bind(StaffFeed, Made(_staff_feed))
    bind(Imports, Made(lambda own: Imports(own(Store), own(Organisation).ods_code)))
    bind(StaffChanges, Made(lambda own: StoredStaffChanges(own(Store), own(Organisation).ods_code)))
    bind(FeedPersonalData, Made(lambda own: FeedPersonalData(own(Store), own(Organisation))))
    context.inject(PersonalDataHolders).add(FeedPersonalData)
    context.injector.bind_instance(StaffChangeConsumers, StaffChangeConsumers())
    events.subscribe_all(context.inject(EventBus))


def _staff_feed(own: Inject) -> StaffFeed:
    outbound = own(EsrSettings).outbound
    if outbound is None:
        raise NoFeed("This organisation has no inbox for ESR's outbound files.")
    return StaffFeed(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        standing=own(OrganisationStanding),
        settings=outbound,
        importing=in_a_process,
    )


def _staff_records(own: Inject) -> EsrStaffRecords:
    settings, client = own(EsrSettings), own(EsrClient)
    return EsrStaffRecords(
        client,
        EsrAccess(client, Vpd(settings.vpd)),
        own(Searches),
        own(Audit),
        own(OrganisationStanding),
        search_key=settings.search_key.get_secret_value().encode(),
    )
