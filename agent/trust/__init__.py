"""Plugin: who is a registered organisation, read from the environment's list."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile

from agent.domain.ports.anoncreds_objects import AnonCredsObjects
from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.trust.listing import ConfiguredTrustList
from agent.trust.national_schemas import NationalSchemas
from agent.trust.settings import TrustSettings
from agent.wiring import Inject, Made, settings_of


async def setup(context: InjectionContext) -> None:
    """Bind the trust list, and what the operator publishes."""
    settings = settings_of(context, "agent.trust", TrustSettings)
    bind = context.injector.bind_provider
    bind(TrustList, settings.kept(lambda own: ConfiguredTrustList(own.list)))
    bind(NationalSchemas, Made(_national_schemas))


def _national_schemas(own: Inject) -> NationalSchemas:
    return NationalSchemas(
        own(Profile),
        own(OrganisationIdentity),
        own(AnonCredsObjects),
        own(TrustList),
        own(ContextPublisher),
    )
