"""Plugin: asks for presentations and judges them for a host organisation."""

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
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.presentations import Presentations
from agent.domain.ports.status_lists import StatusLists
from agent.domain.ports.trust import TrustList
from agent.domain.workforce import Organisation
from agent.plugin_settings import plugin_settings
from agent.store.engine import Store
from agent.verifier import events
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.anoncreds_proofs import log_no_claims
from agent.verifier.exchanges import AcaPyPresentations
from agent.verifier.messages import MESSAGE_TYPES
from agent.verifier.reviews import Reviews
from agent.verifier.service import PassportVerification
from agent.verifier.settings import VerifierSettings
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader

type _Bind = Callable[[type, BaseProvider], None]

_inject = ClassProvider.Inject


async def setup(context: InjectionContext) -> None:
    """Bind the use cases, each to be made for the wallet that asks, and listen to the protocols."""
    settings = plugin_settings(context, "agent.verifier", VerifierSettings)
    log_no_claims()
    bind = context.injector.bind_provider
    _bind_ports(bind)
    _bind_use_cases(bind, settings)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(
        context.inject(EventBus),
        reconcile_every=settings.reconcile_every,
        check_again_every=settings.check_again_every,
    )


def _bind_ports(bind: _Bind) -> None:
    bind(Connections, ClassProvider(AcaPyConnections, _inject(Profile)))
    bind(
        Presentations,
        ClassProvider(
            AcaPyPresentations,
            _inject(Profile),
            _inject(OrganisationIdentity),
            _inject(TrustList),
            _inject(WebvhReader),
            _inject(PinnedContexts),
        ),
    )


def _bind_use_cases(bind: _Bind, settings: VerifierSettings) -> None:
    bind(
        Reviews,
        ClassProvider(
            Reviews,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            connections=_inject(Connections),
            invitation_life=settings.invitation_life,
        ),
    )
    bind(
        AcceptedCredentials,
        ClassProvider(
            AcceptedCredentials,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            trust=_inject(TrustList),
            status_lists=_inject(StatusLists),
            record_at_most=settings.record_at_most,
        ),
    )
    bind(
        PassportVerification,
        ClassProvider(
            PassportVerification,
            store=_inject(Store),
            organisation=_inject(Organisation),
            audit=_inject(Audit),
            connections=_inject(Connections),
            presentations=_inject(Presentations),
            identity=_inject(OrganisationIdentity),
            trust=_inject(TrustList),
            status_lists=_inject(StatusLists),
            accepted=_inject(AcceptedCredentials),
            answer_within=settings.answer_within,
            record_at_most=settings.record_at_most,
            short_life_at_most=settings.short_life_at_most,
        ),
    )
