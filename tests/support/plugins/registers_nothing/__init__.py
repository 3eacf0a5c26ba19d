"""A plugin that can be set up."""

from acapy_agent.config.injection_context import InjectionContext


async def setup(_context: InjectionContext) -> None:
    """There is nothing to do."""
