"""Plugin: the data controller for whom this agent speaks, and who acts for it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.audit.chain import AuditChain
from agent.audit.checkpoints import AuditCheckpoints
from agent.audit.evidence import Evidence
from agent.audit.views import Views
from agent.domain.ports.administrators import Administrators
from agent.domain.ports.audit import Audit, CheckpointPublisher, CheckpointSigner
from agent.domain.ports.authentication import Authentication
from agent.domain.ports.identity import OrganisationIdentity, StatementSigner, StatementVerifier
from agent.domain.ports.invitation_lives import InvitationLives, LivesAtStart
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.operator import OperatorLink
from agent.domain.ports.overview import CountedKinds
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.standing import OrganisationStanding
from agent.domain.ports.tasks import Tasks
from agent.domain.ports.trust import TrustList
from agent.domain.workforce import Organisation
from agent.organisation import events
from agent.organisation.assertions import AssertionVerifier
from agent.organisation.duties.own_data import OrganisationPersonalData
from agent.organisation.duties.service import ControllerDuties
from agent.organisation.duties.tasks import StoredTasks
from agent.organisation.local_settings import LocalSettings
from agent.organisation.machines import MachineClients
from agent.organisation.messages import Messages
from agent.organisation.notifications import Notifications
from agent.organisation.overview import Overview
from agent.organisation.people.administrators import NotifiedAdministrators
from agent.organisation.people.service import People
from agent.organisation.records import UsedAssertions
from agent.organisation.registration.exchanges import MESSAGE_TYPES, AcaPyOperatorLink
from agent.organisation.registration.service import Registration
from agent.organisation.service import AssertedActors
from agent.organisation.settings import OrganisationSettings
from agent.organisation.terms import Terms, TermsUnreadable, Texts, read_terms
from agent.plugin_settings import PluginSettingsError
from agent.store.changes import Changes
from agent.store.engine import Store
from agent.store.idempotency import IdempotencyKeys
from agent.wiring import Bind, Inject, Made, NotHere, OfOrganisation, PerOrganisation, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind what every other plugin asks for: the organisation, its store, its audit, its people."""
    settings = settings_of(context, "agent.organisation", OrganisationSettings)
    first = next(iter(settings.values()))
    context.injector.bind_instance(Store, Store.at(first.database_url.get_secret_value()))
    context.injector.bind_instance(PersonalDataHolders, PersonalDataHolders())
    context.injector.bind_instance(LivesAtStart, LivesAtStart())
    context.injector.bind_instance(CountedKinds, CountedKinds())
    bind = context.injector.bind_provider
    bind(Organisation, settings.kept(lambda own: own.organisation))
    store = context.inject(Store)
    bind(Changes, settings.kept(lambda own: Changes(store, own.organisation.ods_code)))
    _bind_audit(bind)
    _bind_people(bind)
    _bind_registration(bind, _texts(settings))
    _bind_duties(bind)
    bind(LocalSettings, Made(_local_settings))
    bind(Overview, Made(_overview))
    bind(InvitationLives, Made(lambda own: own(LocalSettings)))
    context.inject(PersonalDataHolders).add(OrganisationPersonalData)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(
        context.inject(EventBus),
        checkpoint_every=timedelta(seconds=min(own.checkpoint_every for own in settings.values())),
        ask_every=min(own.ask_operator_every for own in settings.values()),
    )


def _texts(settings: PerOrganisation[OrganisationSettings]) -> OfOrganisation[Texts]:
    try:
        return settings.kept(lambda own: Texts(read_terms(own.terms)))
    except TermsUnreadable as unreadable:
        raise PluginSettingsError(f"agent.organisation.terms: {unreadable}") from unreadable


def _bind_audit(bind: Bind) -> None:
    bind(AuditChain, Made(_chain))
    bind(Audit, Made(lambda own: own(AuditChain)))
    bind(Evidence, Made(lambda own: Evidence(own(Store), own(Organisation).ods_code)))
    bind(Views, Made(lambda own: Views(own(Store), own(Organisation).ods_code, own(Audit))))
    bind(AuditCheckpoints, Made(_checkpoints))


def _chain(own: Inject) -> AuditChain:
    salt = own(OrganisationSettings).audit_salt.get_secret_value().encode()
    return AuditChain(own(Store), own(Organisation).ods_code, salt)


def _checkpoints(own: Inject) -> AuditCheckpoints:
    return AuditCheckpoints(
        store=own(Store),
        organisation=own(Organisation).ods_code,
        signer=own(CheckpointSigner),
        publisher=own(CheckpointPublisher),
        copies=own(OrganisationSettings).audit_copies,
    )


def _bind_people(bind: Bind) -> None:
    bind(IdempotencyKeys, Made(lambda own: IdempotencyKeys(own(Store), own(Organisation).ods_code)))
    bind(Notifications, Made(lambda own: Notifications(own(Store), own(Organisation))))
    bind(People, Made(_people))
    bind(NominatedUsers, Made(lambda own: own(People)))
    bind(
        Administrators,
        Made(lambda own: NotifiedAdministrators(own(Store), own(Organisation), own(Notifications))),
    )
    bind(Messages, Made(_messages))
    bind(Authentication, Made(_authentication))


def _people(own: Inject) -> People:
    settings = own(OrganisationSettings)
    return People(
        own(Store),
        own(Organisation),
        own(Audit),
        own(Notifications),
        first=settings.first,
        is_operator=settings.is_operator,
    )


def _messages(own: Inject) -> Messages:
    return Messages(own(People), own(Notifications), own(Organisation), own(OrganisationSettings).portal_url)


def _authentication(own: Inject) -> AssertedActors:
    settings, organisation = own(OrganisationSettings), own(Organisation).ods_code
    return AssertedActors(
        AssertionVerifier(settings.keys, settings.audience, organisation),
        UsedAssertions(own(Store), organisation),
        own(NominatedUsers),
        MachineClients(organisation, settings.machines),
    )


def _bind_registration(bind: Bind, texts: OfOrganisation[Texts]) -> None:
    bind(Texts, texts)
    bind(Terms, Made(lambda own: Terms(own(Store), own(Organisation), own(Audit), own(Texts))))
    bind(OperatorLink, Made(lambda own: AcaPyOperatorLink(own(Profile))))
    bind(Registration, Made(_registration))
    bind(OrganisationStanding, Made(lambda own: own(Registration)))


def _registration(own: Inject) -> Registration:
    settings = own(OrganisationSettings)
    return Registration(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        evidence=own(Evidence),
        people=own(People),
        terms=own(Terms),
        notifications=own(Notifications),
        link=own(OperatorLink),
        identity=own(OrganisationIdentity),
        statements=own(StatementSigner),
        verifier=own(StatementVerifier),
        trust=own(TrustList),
        purposes=settings.purposes,
        has_staff_records=settings.issues,
        is_operator=settings.is_operator,
    )


def _local_settings(own: Inject) -> LocalSettings:
    return LocalSettings(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        lives=own(LivesAtStart).of(own(Organisation).ods_code),
    )


def _overview(own: Inject) -> Overview:
    counted = tuple(_had(own, own(CountedKinds)))
    return Overview(own(Store), own(Organisation).ods_code, counted, own(StoredTasks))


def _bind_duties(bind: Bind) -> None:
    bind(StoredTasks, Made(lambda own: StoredTasks(own(Store), own(Organisation).ods_code, own(Audit))))
    bind(Tasks, Made(lambda own: own(StoredTasks)))
    bind(
        OrganisationPersonalData,
        Made(lambda own: OrganisationPersonalData(own(Store), own(Organisation).ods_code, own(StoredTasks))),
    )
    bind(ControllerDuties, Made(_duties))


def _duties(own: Inject) -> ControllerDuties:
    return ControllerDuties(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        chain=own(AuditChain),
        views=own(Views),
        holders=tuple(_had(own, own(PersonalDataHolders))),
        retention=own(OrganisationSettings).retention,
    )


def _had[T](own: Inject, kinds: Iterable[type[T]]) -> Iterator[T]:
    """Of all plugins' those that this organisation has."""
    for kind in kinds:
        with suppress(NotHere):
            yield own(kind)
