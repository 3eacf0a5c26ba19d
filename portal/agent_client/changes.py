"""What changes at the organisation."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from portal.agent_client.calls import Calls


@dataclass(frozen=True, slots=True)
class Change:
    """One thing changed. `ready` and `missed` name none: from here on; something before is gone for good."""

    id: str
    kind: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class ChangeCalls:
    """Of what the person may read."""

    calls: Calls

    async def since(self, last: str | None) -> AsyncGenerator[Change]:
        """From now on, or after the change with the id `last`; ends within a minute. Raises a `PageError`."""
        async for event in self.calls.events(last):
            yield Change(event.id, event.kind, event.subject)
