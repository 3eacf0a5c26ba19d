"""Plugin: AnonCreds objects on an Indy ledger instead of did:webvh; all else stays where it is."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile
from acapy_agent.core.protocol_registry import ProtocolRegistry

from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.audit import Audit
from agent.domain.ports.operator import RegisteredOrganisations
from agent.domain.ports.trust import TrustList
from agent.indy.endorsing import MESSAGE_TYPES, Endorsing
from agent.indy.ledger_did import LedgerIdentity
from agent.indy.objects import IndyObjects
from agent.indy.settings import IndySettings
from agent.wiring import Inject, Made, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind the ledger's objects in the place of did:webvh's, and the DID that writes them."""
    settings_of(context, "agent.indy", IndySettings)
    bind = context.injector.bind_provider
    bind(LedgerIdentity, Made(lambda own: LedgerIdentity(own(Profile))))
    bind(AnonCredsObjects, Made(_objects))
    bind(Endorsing, Made(_endorsing))
    context.inject(ProtocolRegistry).register_message_types(MESSAGE_TYPES)


def _objects(own: Inject) -> IndyObjects:
    return IndyObjects(own(Profile), own(LedgerIdentity), own(TrustList), own(IndySettings).operator)


def _endorsing(own: Inject) -> Endorsing:
    return Endorsing(
        own(Profile), own(LedgerIdentity), own(TrustList), own(RegisteredOrganisations), own(Audit)
    )
