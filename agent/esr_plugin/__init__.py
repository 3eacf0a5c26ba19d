"""Plugin: staff records from ESR."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import Event, EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.util import SHUTDOWN_EVENT_PATTERN

from agent.domain.ports.administrators import Administrators
from agent.domain.ports.audit import Audit
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.staff_changes import StaffChangeConsumers, StaffChanges
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.ports.standing import OrganisationStanding
from agent.domain.workforce import Organisation, Vpd
from agent.esr_plugin import events
from agent.esr_plugin.access import EsrAccess, EsrGate
from agent.esr_plugin.attempts import StoredAttempts
from agent.esr_plugin.client import EsrClient
from agent.esr_plugin.feed import NoFeed, StaffFeed
from agent.esr_plugin.feed_changes import StoredStaffChanges
from agent.esr_plugin.feed_personal_data import FeedPersonalData
from agent.esr_plugin.import_process import in_a_process
from agent.esr_plugin.imports import Imports
from agent.esr_plugin.limits import Attempts
from agent.esr_plugin.mutual_tls import TlsFileWrong
from agent.esr_plugin.personal_data import EsrPersonalData
from agent.esr_plugin.records import StoredSearches
from agent.esr_plugin.search_alerts import SearchAlerts
from agent.esr_plugin.searches import Searches
from agent.esr_plugin.service import EsrStaffRecords
from agent.esr_plugin.settings import EsrSettings
from agent.esr_plugin.weak_matches import WeakMatches
from agent.plugin_settings import PluginSettingsError
from agent.store.engine import Store
from agent.wiring import Bind, Inject, Made, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind `StaffRecords`, and what stands round searching them."""
    settings = settings_of(context, "agent.esr_plugin", EsrSettings)
    try:
        clients = settings.kept(EsrClient)
    except TlsFileWrong as wrong:
        raise PluginSettingsError(f"agent.esr_plugin.{wrong}") from wrong
    bind = context.injector.bind_provider
    bind(EsrClient, clients)
    _bind_searching(bind)
    bind(StaffRecords, Made(_staff_records))
    bind(EsrPersonalData, Made(lambda own: EsrPersonalData(own(Store), own(Organisation))))
    context.inject(PersonalDataHolders).add(EsrPersonalData)
    _bind_feed(context)

    async def close(_profile: Profile, _event: Event) -> None:
        for client in clients:
            await client.close()

    context.inject(EventBus).subscribe(SHUTDOWN_EVENT_PATTERN, close)


def _bind_searching(bind: Bind) -> None:
    bind(EsrGate, Made(_gate))
    bind(Searches, Made(lambda own: StoredSearches(own(Store), own(Organisation))))
    bind(Attempts, Made(_attempts))
    bind(SearchAlerts, Made(lambda own: SearchAlerts(own(Attempts), own(NominatedUsers), own(Audit))))
    bind(
        WeakMatches,
        Made(lambda own: WeakMatches(own(Searches), own(EsrGate), own(NominatedUsers), own(Audit))),
    )


def _gate(own: Inject) -> EsrGate:
    access = EsrAccess(own(EsrClient), Vpd(own(EsrSettings).vpd))
    return EsrGate(access, own(OrganisationStanding))


def _attempts(own: Inject) -> StoredAttempts:
    limits = own(EsrSettings).searches.limits
    return StoredAttempts(own(Store), own(Organisation), own(Audit), own(Administrators), limits)


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
    return EsrStaffRecords(
        own(EsrClient),
        own(EsrGate),
        own(Searches),
        own(Attempts),
        own(Audit),
        search_key=own(EsrSettings).search_key.get_secret_value().encode(),
    )
