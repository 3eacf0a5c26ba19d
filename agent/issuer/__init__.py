"""Plugin: attests employment for the data controller."""

from collections.abc import Callable

from acapy_agent.config.base import BaseProvider
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.connections import AcaPyConnections
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import Connections
from agent.domain.ports.exchanges import CredentialDefinitions, CredentialExchanges
from agent.domain.ports.identity import CredentialSigner, OrganisationIdentity
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.staff_records import StaffRecords
from agent.domain.ports.status_lists import StatusListPublisher
from agent.domain.ports.trust import TrustList
from agent.domain.workforce import Organisation
from agent.issuer import events
from agent.issuer.confirmation import Confirmation
from agent.issuer.definitions import AnonCredsDefinitions
from agent.issuer.exchanges import AcaPyExchanges
from agent.issuer.messages import MESSAGE_TYPES
from agent.issuer.passports import Passports
from agent.issuer.reconciliation import IssuerReconciliation
from agent.issuer.service import EmploymentIssuance
from agent.issuer.settings import IssuerSettings
from agent.issuer.short_lived import ShortLivedIssuance
from agent.issuer.status_lists import StatusListKeeping
from agent.plugin_settings import plugin_settings
from agent.store.engine import Store
from signed_documents.linked_data_proofs import PinnedContexts

type _Bind = Callable[[type, BaseProvider], None]

_inject = ClassProvider.Inject


async def setup(context: InjectionContext) -> None:
    """Bind the use cases, each to be made for the wallet that asks, and listen to the protocols."""
    settings = plugin_settings(context, "agent.issuer", IssuerSettings)
    bind = context.injector.bind_provider
    _bind_ports(bind, settings)
    _bind_passports(bind, settings)
    _bind_issuance(bind, settings)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(context.inject(EventBus), settings.reconcile_every)


def _bind_ports(bind: _Bind, settings: IssuerSettings) -> None:
    bind(Connections, ClassProvider(AcaPyConnections, _inject(Profile)))
    bind(
        CredentialExchanges,
        ClassProvider(
            AcaPyExchanges,
            _inject(Profile),
            _inject(OrganisationIdentity),
            _inject(TrustList),
            _inject(PinnedContexts),
            _inject(CredentialSigner),
        ),
    )
    bind(
        CredentialDefinitions,
        ClassProvider(
            AnonCredsDefinitions,
            _inject(Profile),
            _inject(OrganisationIdentity),
            _inject(TrustList),
            settings.revocation_registry_size,
        ),
    )


def _bind_passports(bind: _Bind, settings: IssuerSettings) -> None:
    bind(
        Passports,
        ClassProvider(
            Passports,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            connections=_inject(Connections),
            staff_records=_inject(StaffRecords),
            invitation_life=settings.invitation_life,
        ),
    )
    bind(
        Confirmation,
        ClassProvider(
            Confirmation,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            connections=_inject(Connections),
            code_key=settings.code_key.get_secret_value().encode(),
            code_life=settings.one_time_code_life,
        ),
    )


def _bind_issuance(bind: _Bind, settings: IssuerSettings) -> None:
    bind(
        StatusListKeeping,
        ClassProvider(
            StatusListKeeping,
            store=_inject(Store),
            organisation=_inject(Organisation),
            publisher=_inject(StatusListPublisher),
        ),
    )
    bind(
        EmploymentIssuance,
        ClassProvider(
            EmploymentIssuance,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            exchanges=_inject(CredentialExchanges),
            connections=_inject(Connections),
            status_lists=_inject(StatusListKeeping),
            status_publisher=_inject(StatusListPublisher),
            formats=settings.formats,
            w3c_data_model=settings.w3c_data_model,
            staff_records=_inject(StaffRecords),
            users=_inject(NominatedUsers),
            identity=_inject(OrganisationIdentity),
            trust=_inject(TrustList),
        ),
    )
    bind(
        ShortLivedIssuance,
        ClassProvider(
            ShortLivedIssuance,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            exchanges=_inject(CredentialExchanges),
            issuance=_inject(EmploymentIssuance),
            wallets=settings.stock_wallets,
            life=settings.short_life,
        ),
    )
    bind(
        IssuerReconciliation,
        ClassProvider(
            IssuerReconciliation,
            store=_inject(Store),
            organisation=_inject(Organisation),
            issuance=_inject(EmploymentIssuance),
            passports=_inject(Passports),
            offer_life=settings.offer_life,
            repeat_after=settings.repeat_after,
        ),
    )
