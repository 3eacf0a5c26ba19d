"""What a person calls a credential: the name of its schema, as the registry has it."""

import asyncio

from acapy_agent.anoncreds.registry import AnonCredsRegistry
from acapy_agent.core.profile import Profile

from wallet.holder.registry import UNREADABLE

PATIENCE_SECONDS = 3.0
"""A name is a nicety: a list must not wait long for it."""


class SchemaNames:
    """Looks names up. What cannot be found out has none."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    async def of(self, schema_id: str | None) -> str | None:
        """The name of the schema, or None."""
        if schema_id is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                registry = self._profile.inject(AnonCredsRegistry)
                schema = await registry.get_schema_info_by_id(self._profile, schema_id)
        except (*UNREADABLE, TimeoutError):
            return None
        return str(schema.name)

    async def of_all(self, schema_ids: set[str]) -> dict[str, str | None]:
        """The names of several schemas, looked up together."""
        ordered = sorted(schema_ids)
        names = await asyncio.gather(*(self.of(schema_id) for schema_id in ordered))
        return dict(zip(ordered, names, strict=True))
