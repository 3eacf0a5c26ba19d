"""What changes while somebody looks at a page."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from starlette.responses import Response, StreamingResponse

from agent.domain.actors import Permission
from portal.agent_client.changes import Change, ChangeCalls
from portal.errors import PageError
from portal.permissions import PageTable
from portal.visits import ActingVisit

PAGES = PageTable()
LONGEST_ID = 64


@PAGES.page("GET", "/live", permission=Permission.ORGANISATION_READ, watches=True)
async def live(visit: ActingVisit) -> Response:
    """Server-sent events: which things changed, for the page to be asked for anew."""
    after = visit.request.headers.get("Last-Event-ID", "")
    changes = ChangeCalls(visit.calls).since(after if 0 < len(after) <= LONGEST_ID else None)
    first = await anext(changes, None)  # what is wrong is said before the answer has begun
    return StreamingResponse(_told(first, changes), media_type="text/event-stream")


async def _told(first: Change | None, changes: AsyncGenerator[Change]) -> AsyncIterator[bytes]:
    if first is None:
        return
    yield _line(first)
    async with aclosing(changes):
        try:
            async for change in changes:
                yield _line(change)
        except PageError:
            return  # the browser comes again with the last id that it had


def _line(change: Change) -> bytes:
    told = {"kind": change.kind, "subject": change.subject}
    return f"id: {change.id}\nevent: change\ndata: {json.dumps(told)}\n\n".encode()
