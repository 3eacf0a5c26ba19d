"""Plugin: the data controller for whom this agent speaks, and who acts for it."""

from datetime import timedelta

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.event_bus import EventBus

from agent.audit.chain import AuditChain
from agent.audit.checkpoints import AuditCheckpoints
from agent.domain.ports.audit import Audit, CheckpointPublisher, CheckpointSigner
from agent.domain.ports.authentication import Authentication
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.workforce import Organisation
from agent.organisation import events
from agent.organisation.assertions import AssertionVerifier
from agent.organisation.machines import MachineClients
from agent.organisation.records import UsedAssertions
from agent.organisation.service import AssertedActors
from agent.organisation.settings import OrganisationSettings
from agent.organisation.users import ConfiguredUsers
from agent.plugin_settings import plugin_settings
from agent.store.engine import Store
from agent.store.idempotency import IdempotencyKeys


async def setup(context: InjectionContext) -> None:
    """Bind what every other plugin asks for: the organisation, its store, its audit, its users."""
    settings = plugin_settings(context, "agent.organisation", OrganisationSettings)
    own = settings.organisation
    store = Store.at(settings.database_url.get_secret_value())
    chain = AuditChain(store, own.ods_code, settings.audit_salt.get_secret_value().encode())
    bind = context.injector.bind_instance
    bind(Organisation, own)
    bind(Store, store)
    bind(AuditChain, chain)
    bind(Audit, chain)
    bind(IdempotencyKeys, IdempotencyKeys(store, own.ods_code))
    bind(NominatedUsers, ConfiguredUsers(settings.nominated_users, own.ods_code))
    context.injector.bind_provider(
        Authentication,
        ClassProvider(
            AssertedActors,
            AssertionVerifier(settings.keys, settings.audience, own.ods_code),
            UsedAssertions(store, own.ods_code),
            ClassProvider.Inject(NominatedUsers),
            MachineClients(own.ods_code, settings.machines),
        ),
    )
    context.injector.bind_provider(
        AuditCheckpoints,
        ClassProvider(
            AuditCheckpoints,
            store=store,
            organisation=own.ods_code,
            signer=ClassProvider.Inject(CheckpointSigner),
            publisher=ClassProvider.Inject(CheckpointPublisher),
            copies=settings.audit_copies,
        ),
    )
    events.subscribe_all(context.inject(EventBus), timedelta(seconds=settings.checkpoint_every))
