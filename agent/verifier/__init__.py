"""Plugin: asks for presentations and judges them for a host organisation."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.connections import connections_of
from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import Connections
from agent.domain.ports.identity import OrganisationIdentity, StatementSigner
from agent.domain.ports.invitation_lives import InvitationLives, Invited, LivesAtStart
from agent.domain.ports.overview import CountedKinds
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.presentations import Presentations
from agent.domain.ports.status_lists import StatusLists
from agent.domain.ports.trust import TrustList
from agent.domain.workforce import Organisation
from agent.host_statements import HostStatements
from agent.store.engine import Store
from agent.verifier import events
from agent.verifier.accepted import AcceptedCredentials
from agent.verifier.anoncreds_proofs import log_no_claims
from agent.verifier.counted import CountedReviews
from agent.verifier.decisions import Decisions
from agent.verifier.exchanges import AcaPyPresentations
from agent.verifier.messages import MESSAGE_TYPES
from agent.verifier.personal_data import VerifierPersonalData
from agent.verifier.reviews import Reviews
from agent.verifier.service import PassportVerification
from agent.verifier.settings import VerifierSettings
from agent.verifier.signed_requests import SignedRequests
from agent.wiring import Bind, Inject, Made, settings_of
from signed_documents.linked_data_proofs import PinnedContexts
from signed_documents.resolution import WebvhReader


async def setup(context: InjectionContext) -> None:
    """Bind the use cases, each to be made for the wallet that asks, and listen to the protocols."""
    settings = settings_of(context, "agent.verifier", VerifierSettings)
    log_no_claims()
    bind = context.injector.bind_provider
    _bind_ports(bind)
    _bind_use_cases(bind)
    bind(VerifierPersonalData, Made(_personal_data))
    context.inject(PersonalDataHolders).add(VerifierPersonalData)
    bind(CountedReviews, Made(lambda own: CountedReviews(own(Store), own(Organisation))))
    context.inject(CountedKinds).add(CountedReviews)
    lives = {own: each.invitation_life for own, each in settings.items()}
    context.inject(LivesAtStart).add(Invited.REVIEW, lives)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(
        context.inject(EventBus),
        reconcile_every=min(each.reconcile_every for each in settings.values()),
        check_again_every=min(each.check_again_every for each in settings.values()),
    )


def _bind_ports(bind: Bind) -> None:
    bind(Connections, Made(connections_of))
    bind(Presentations, Made(_presentations))


def _presentations(own: Inject) -> AcaPyPresentations:
    return AcaPyPresentations(
        own(Profile),
        own(OrganisationIdentity),
        own(TrustList),
        own(AnonCredsObjects),
        own(WebvhReader),
        own(PinnedContexts),
        SignedRequests(own(Connections), HostStatements(own(OrganisationIdentity), own(StatementSigner))),
    )


def _bind_use_cases(bind: Bind) -> None:
    bind(Reviews, Made(_reviews))
    bind(AcceptedCredentials, Made(_accepted))
    bind(PassportVerification, Made(_verification))
    bind(Decisions, Made(_decisions))


def _personal_data(own: Inject) -> VerifierPersonalData:
    return VerifierPersonalData(own(Store), own(Organisation), own(Presentations), own(Connections))


def _reviews(own: Inject) -> Reviews:
    return Reviews(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        connections=own(Connections),
        invitation_lives=own(InvitationLives),
    )


def _accepted(own: Inject) -> AcceptedCredentials:
    return AcceptedCredentials(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        trust=own(TrustList),
        status_lists=own(StatusLists),
        record_at_most=own(VerifierSettings).record_at_most,
    )


def _decisions(own: Inject) -> Decisions:
    return Decisions(store=own(Store), organisation=own(Organisation), audit=own(Audit))


def _verification(own: Inject) -> PassportVerification:
    settings = own(VerifierSettings)
    return PassportVerification(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        connections=own(Connections),
        presentations=own(Presentations),
        identity=own(OrganisationIdentity),
        trust=own(TrustList),
        objects=own(AnonCredsObjects),
        status_lists=own(StatusLists),
        accepted=own(AcceptedCredentials),
        answer_within=settings.answer_within,
        record_at_most=settings.record_at_most,
        short_life_at_most=settings.short_life_at_most,
    )
