"""People who ask what is held of them."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.agent_client.calls import Answer, Calls


class SubjectRequest(Answer):
    """One that was taken up."""

    id: str


class Held(Answer):
    """One record of the person."""

    category: str
    data: Mapping[str, Any]


class Seen(Answer):
    """Who did something with it, or saw it."""

    at: datetime
    actor: str
    action: str


class Export(Answer):
    """Everything that is held, and who did what."""

    records: tuple[Held, ...]
    who_did_what: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class SubjectRequestCalls:
    """People who ask what is held of them."""

    calls: Calls

    async def take_up(self, kind: str, whose: str, *, key: str) -> SubjectRequest:
        """Take one up. Raises `CannotBeRead`."""
        return await self.calls.act(SubjectRequest, "/subject-requests", {kind: whose}, key=key)

    async def export(self, request: str) -> Export:
        """Everything, to look at. Raises `NotFound`."""
        return await self.calls.read(Export, f"/subject-requests/{request}/export")

    def file(self, request: str, form: str) -> AsyncGenerator[bytes]:
        """The same as a file, as it comes."""
        return self.calls.file(f"/subject-requests/{request}/export", format=form)
