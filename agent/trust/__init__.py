"""Plugin: who is a registered organisation, read from the environment's list."""

from acapy_agent.config.injection_context import InjectionContext

from agent.domain.ports.trust import TrustList
from agent.plugin_settings import plugin_settings
from agent.trust.listing import ConfiguredTrustList
from agent.trust.settings import TrustSettings


async def setup(context: InjectionContext) -> None:
    """Bind the trust list."""
    settings = plugin_settings(context, "agent.trust", TrustSettings)
    context.injector.bind_instance(TrustList, ConfiguredTrustList(settings.list))
