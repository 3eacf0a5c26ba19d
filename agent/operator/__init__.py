"""Plugin: what the service operator does. It registers organisations, and sees no staff data."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.event_bus import EventBus
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.audit.evidence import Evidence
from agent.connections import connections_of
from agent.domain.ports.audit import Audit
from agent.domain.ports.connections import Connections
from agent.domain.ports.identity import StatementSigner, StatementVerifier
from agent.domain.ports.nominated_users import NominatedUsers
from agent.domain.ports.operator import OrganisationLink, RegisteredOrganisations
from agent.domain.ports.personal_data import PersonalDataHolders
from agent.domain.ports.trust_register import ApprovedOrganisations, TrustRegister
from agent.domain.workforce import Organisation
from agent.operator import events
from agent.operator.applicants import ApplicantsForTrust
from agent.operator.exchanges import MESSAGE_TYPES, AcaPyOrganisationLink
from agent.operator.personal_data import OperatorPersonalData
from agent.operator.service import Applications
from agent.operator.settings import OperatorSettings
from agent.store.engine import Store
from agent.wiring import Inject, Made, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind the use cases, and listen to organisations."""
    settings = settings_of(context, "agent.operator", OperatorSettings)
    bind = context.injector.bind_provider
    bind(Connections, Made(connections_of))
    bind(OrganisationLink, Made(lambda own: AcaPyOrganisationLink(own(Profile))))
    bind(Applications, Made(_applications))
    bind(RegisteredOrganisations, Made(_applications))
    bind(ApprovedOrganisations, Made(lambda own: ApplicantsForTrust(own(Store), own(Organisation))))
    bind(
        OperatorPersonalData,
        Made(lambda own: OperatorPersonalData(own(Store), own(Organisation), own(Connections))),
    )
    context.inject(PersonalDataHolders).add(OperatorPersonalData)
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)
    events.subscribe_all(context.inject(EventBus), min(each.reconcile_every for each in settings.values()))


def _applications(own: Inject) -> Applications:
    return Applications(
        store=own(Store),
        organisation=own(Organisation),
        audit=own(Audit),
        evidence=own(Evidence),
        connections=own(Connections),
        link=own(OrganisationLink),
        users=own(NominatedUsers),
        trust=own(TrustRegister),
        statements=own(StatementSigner),
        verifier=own(StatementVerifier),
        invitation_life=own(OperatorSettings).invitation_life,
    )
