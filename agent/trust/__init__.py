"""Plugin: who is a registered organisation, read from the environment's list."""

from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.config.provider import ClassProvider
from acapy_agent.core.profile import Profile

from agent.domain.ports.contexts import ContextPublisher
from agent.domain.ports.identity import OrganisationIdentity
from agent.domain.ports.trust import TrustList
from agent.plugin_settings import plugin_settings
from agent.trust.listing import ConfiguredTrustList
from agent.trust.national_schemas import NationalSchemas
from agent.trust.settings import TrustSettings


async def setup(context: InjectionContext) -> None:
    """Bind the trust list, and what the operator publishes."""
    settings = plugin_settings(context, "agent.trust", TrustSettings)
    context.injector.bind_instance(TrustList, ConfiguredTrustList(settings.list))
    inject = ClassProvider.Inject
    context.injector.bind_provider(
        NationalSchemas,
        ClassProvider(
            NationalSchemas,
            inject(Profile),
            inject(OrganisationIdentity),
            inject(TrustList),
            inject(ContextPublisher),
        ),
    )
