"""A plugin that cannot be set up."""

from acapy_agent.config.injection_context import InjectionContext


async def setup(_context: InjectionContext) -> None:
    raise RuntimeError("the queue is not there")
