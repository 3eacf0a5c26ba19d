"""Plugin: attests employment for the data controller."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.connections import connections_of
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import Connections
from agent.domain.ports.exchanges import CredentialDefinitions, CredentialExchanges
from agent.domain.ports.identity import CredentialSigner, OrganisationIdentity
from agent.domain.ports.invitation_lives import InvitationLives, Invited, LivesAtStart
from agent.domain.ports.issued_credentials import IssuedCredentials
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.overview import CountedKinds
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.staff_changes import StaffChangeConsumers
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.ports.standing import OrganisationStanding
from agent.domain.ports.status_lists import StatusListPublisher
from agent.domain.ports.tasks import Tasks
from agent.domain.ports.trust import TrustList
from agent.domain.workforce import Organisation
from agent.issuer import events
from agent.issuer.confirmation import Confirmation
from agent.issuer.counted import CountedPassports
from agent.issuer.definitions import AnonCredsDefinitions
from agent.issuer.exchanges import AcaPyExchanges
from agent.issuer.issued import IssuedHere
from agent.issuer.mass_revocation import MassRevocations
from agent.issuer.messages import MESSAGE_TYPES
from agent.issuer.passports import Passports
from agent.issuer.personal_data import IssuerPersonalData
from agent.issuer.preview import Previews
from agent.issuer.reconciliation import IssuerReconciliation
from agent.issuer.service import EmploymentIssuance
from agent.issuer.settings import IssuerSettings
from agent.issuer.short_lived import ShortLivedIssuance
from agent.issuer.staff_changes import TasksOfChanges
from agent.issuer.status_lists import StatusListKeeping
from agent.store.engine import Store
from agent.wiring import Bind, Inject, Made, settings_of
from signed_documents.linked_data_proofs import PinnedContexts


async def setup(context: InjectionContext) -> None:
    """Bind the use cases, each to be made for the wallet that asks, and listen to the protocols."""
    settings = settings_of(context, "agent.issuer", IssuerSettings)
    bind = context.injector.bind_provider
    _bind_ports(bind)
    _bind_passports(bind)
    _bind_issuance(bind)
    bind(IssuerPersonalData, Made(_personal_data))
    context.inject(PersonalDataHolders).add(IssuerPersonalData)
    bind(CountedPassports, Made(lambda own: CountedPassports(own(Store), own(Organisation))))
    context.inject(CountedKinds).add(CountedPassports)
    lives = {own: each.invitation_life for own, each in settings.items()}
    context.inject(LivesAtStart).add(Invited.PASSPORT, lives)
    bind(TasksOfChanges, Made(lambda own: TasksOfChanges(own(Store), own(Organisation), own(Tasks))))
    context.inject(StaffChangeConsumers).add(TasksOfChanges)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(context.inject(EventBus), min(each.reconcile_every for each in settings.values()))


def _bind_ports(bind: Bind) -> None:
    bind(Connections, Made(connections_of))
    bind(CredentialExchanges, Made(_exchanges))
    bind(CredentialDefinitions, Made(_definitions))


def _exchanges(own: Inject) -> AcaPyExchanges:
    return AcaPyExchanges(
        own(Profile), own(OrganisationIdentity), own(TrustList), own(PinnedContexts), own(CredentialSigner)
    )


def _definitions(own: Inject) -> AnonCredsDefinitions:
    return AnonCredsDefinitions(
        own(Profile), own(AnonCredsObjects), own(IssuerSettings).revocation_registry_size
    )


def _bind_passports(bind: Bind) -> None:
    bind(Passports, Made(_passports))
    bind(Previews, Made(_previews))
    bind(Confirmation, Made(_confirmation))


def _passports(own: Inject) -> Passports:
    return Passports(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        connections=own(Connections),
        staff_records=own(StaffRecords),
        invitation_lives=own(InvitationLives),
    )


def _previews(own: Inject) -> Previews:
    return Previews(
        organisation=own(Organisation),
        staff_records=own(StaffRecords),
        identity=own(OrganisationIdentity),
        trust=own(TrustList),
    )


def _confirmation(own: Inject) -> Confirmation:
    settings = own(IssuerSettings)
    return Confirmation(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        connections=own(Connections),
        code_key=settings.code_key.get_secret_value().encode(),
        code_life=settings.one_time_code_life,
    )


def _bind_issuance(bind: Bind) -> None:
    bind(StatusListKeeping, Made(_status_lists))
    bind(IssuedCredentials, Made(lambda own: IssuedHere(own(Store), own(Organisation))))
    bind(EmploymentIssuance, Made(_issuance))
    bind(ShortLivedIssuance, Made(_short_lived))
    bind(MassRevocations, Made(_mass_revocations))
    bind(IssuerReconciliation, Made(_reconciliation))


def _status_lists(own: Inject) -> StatusListKeeping:
    return StatusListKeeping(
        store=own(Store), organisation=own(Organisation), publisher=own(StatusListPublisher)
    )


def _issuance(own: Inject) -> EmploymentIssuance:
    settings = own(IssuerSettings)
    return EmploymentIssuance(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        exchanges=own(CredentialExchanges),
        connections=own(Connections),
        status_lists=own(StatusListKeeping),
        status_publisher=own(StatusListPublisher),
        formats=settings.formats,
        w3c_data_model=settings.w3c_data_model,
        staff_records=own(StaffRecords),
        users=own(NominatedUsers),
        standing=own(OrganisationStanding),
        tasks=own(Tasks),
        identity=own(OrganisationIdentity),
        trust=own(TrustList),
    )


def _short_lived(own: Inject) -> ShortLivedIssuance:
    settings = own(IssuerSettings)
    return ShortLivedIssuance(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        exchanges=own(CredentialExchanges),
        issuance=own(EmploymentIssuance),
        wallets=settings.stock_wallets,
        life=settings.short_life,
    )


def _mass_revocations(own: Inject) -> MassRevocations:
    return MassRevocations(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        users=own(NominatedUsers),
        issuance=own(EmploymentIssuance),
    )


def _personal_data(own: Inject) -> IssuerPersonalData:
    return IssuerPersonalData(
        own(Store), own(Organisation), own(CredentialExchanges), own(Connections), own(Tasks)
    )


def _reconciliation(own: Inject) -> IssuerReconciliation:
    settings = own(IssuerSettings)
    return IssuerReconciliation(
        store=own(Store),
        organisation=own(Organisation),
        issuance=own(EmploymentIssuance),
        mass_revocations=own(MassRevocations),
        passports=own(Passports),
        offer_life=settings.offer_life,
        repeat_after=settings.repeat_after,
    )
