"""What changed, as server-sent events: a page that shows how things stand need not ask again and again."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

from agent.domain.actors import Actor, Permission
from agent.routing import Call, EventStream, RouteTable
from agent.store.changes import Change, Changes, Kind, Position

EVENT_ROUTES = RouteTable("organisation")
LASTS = 55.0
"""Seconds. Who watches on comes again with a new assertion, and is looked up again: they may be gone."""
SIGN_OF_LIFE = 15.0  # seconds: what stands in between may close a connection on which nothing comes
_NEEDED: Mapping[Kind, Permission] = {
    Kind.PASSPORT: Permission.PASSPORT_READ,
    Kind.REVIEW: Permission.REVIEW_READ,
    Kind.TASK: Permission.TASK_READ,
    Kind.WEAK_MATCH: Permission.ESR_SEARCH,
    Kind.REGISTRATION: Permission.ORGANISATION_READ,
    Kind.APPLICATION: Permission.APPLICATION_READ,
}


@EVENT_ROUTES.stream(
    "/events",
    permission=Permission.ORGANISATION_READ,
    summary="What changes of what the caller may read, for up to a minute; then it is asked for again",
    query={"after": "the id of the last event that was read; from now on when not given"},
)
async def events(call: Call[None]) -> EventStream:
    """Each names its kind and the thing. The first is `ready`, or `missed` when some are gone for good."""
    changes = call.inject(Changes)
    word = call.query.get("after")
    return EventStream(told(changes, None if word is None else Position.parse(word), call.actor))


async def told(changes: Changes, after: Position | None, actor: Actor) -> AsyncIterator[bytes]:
    """The events for `actor`, from `after` on, with a sign of life while nothing changes."""
    ends = asyncio.get_running_loop().time() + LASTS
    position = after or await changes.now()
    missed = after is not None and await changes.has_forgotten(after)
    yield _event(position, "missed" if missed else "ready", {})
    while (left := ends - asyncio.get_running_loop().time()) > 0:
        found = await changes.wait(position, at_most=min(SIGN_OF_LIFE, left))
        for change in found:
            position = change.position
            if actor.may(_NEEDED[change.kind]):
                yield _event_of(change)
        if not found:
            yield b": nothing changed\n\n"


def _event_of(change: Change) -> bytes:
    return _event(change.position, change.kind, {"id": change.subject})


def _event(position: Position, name: str, data: Mapping[str, str]) -> bytes:
    return f"id: {position}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()
