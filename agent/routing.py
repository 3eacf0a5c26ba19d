"""How a plugin says its routes: each with its permission, its body and its answer, in one table.

A handler that stands in a table is the only kind the admin port serves (see `agent.organisation`).
"""

import functools
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from acapy_agent.admin.decorators.auth import tenant_authentication
from acapy_agent.admin.request_context import AdminRequestContext
from acapy_agent.core.profile import Profile
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from agent.audit.chain import request_id
from agent.domain.actors import NEWCOMER, Actor, Permission
from agent.domain.errors import InvalidInput, NotAuthenticated, NotFound, NotPermitted
from agent.domain.ports.authentication import Act, Authentication
from agent.domain.ports.nominated_users import NOT_NOMINATED
from agent.problems import problem
from agent.store.idempotency import IdempotencyKeys

LOGGER = logging.getLogger(__name__)
ASSERTION_HEADER = "X-Staff-Passport-Assertion"
ASKED_FOR = web.AppKey("asked_for", frozenset[Permission])
IDEMPOTENCY_HEADER = "Idempotency-Key"
KEY_LENGTH = range(8, 121)
NUL = "\x00"
"""The one character that PostgreSQL keeps in no text, and that nobody means."""
OURS = "staff_passport_route"
"""The attribute that marks a handler as one of a route table."""


class Body(BaseModel):
    """What a caller sends: every field known, nothing more, and not to be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=2_000)

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        if _has_nul(value):
            raise ValueError("has a NUL character")
        return value


class Answer(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Call[B: Body | None]:
    """One call: proven, permitted and parsed."""

    actor: Actor
    body: B
    path: Mapping[str, str]
    query: Mapping[str, str]
    profile: Profile
    asked_for: frozenset[Permission] = frozenset()
    """Every permission that anything on this agent asks for: what plugins it has decides that."""

    def inject[T](self, capability: type[T]) -> T:
        """The capability as this organisation's wallet has it."""
        return self.profile.inject(capability)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is sent as it is made, however long it is."""

    content_type: str
    name: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events (WHATWG HTML, section 9.2), each of them whole, as they come."""

    events: AsyncIterator[bytes]


EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a table; `query` names the parameters a list understands, with their meaning.

    A route whose `answer` is a tuple of content types gives a file, or events.
    """

    method: str
    path: str
    permission: Permission
    summary: str
    handler: Callable[[Any], Awaitable[Answer | Download | EventStream]]
    body: type[Body] | None
    answer: type[Answer] | tuple[str, ...]
    status: int
    idempotent: bool
    query: Mapping[str, str]


class RouteTable:
    """A plugin's routes; some of them ask, besides their own permission, for those in `also_asked_for`."""

    def __init__(self, name: str, *, also_asked_for: Iterable[Permission] = ()) -> None:
        self.name = name
        self.routes: list[Route] = []
        self.also_asked_for = frozenset(also_asked_for)

    @property
    def asked_for(self) -> frozenset[Permission]:
        """Every permission that the table asks for."""
        return self.also_asked_for.union(route.permission for route in self.routes)

    def get[A: Answer](
        self,
        path: str,
        *,
        permission: Permission,
        summary: str,
        answer: type[A],
        query: Mapping[str, str] | None = None,
    ) -> Callable[[Callable[[Call[None]], Awaitable[A]]], Callable[[Call[None]], Awaitable[A]]]:
        """Say a route that reads."""

        def say(handler: Callable[[Call[None]], Awaitable[A]]) -> Callable[[Call[None]], Awaitable[A]]:
            row = Route("GET", path, permission, summary, handler, None, answer, 200, False, query or {})
            self.routes.append(row)
            return handler

        return say

    def post[B: Body | None, A: Answer](
        self,
        path: str,
        *,
        permission: Permission,
        summary: str,
        answer: type[A],
        body: type[Body] | None = None,
        status: int = 200,
        idempotent: bool = False,
    ) -> Callable[[Callable[[Call[B]], Awaitable[A]]], Callable[[Call[B]], Awaitable[A]]]:
        """Say a route that acts. An idempotent one wants an `Idempotency-Key` and may be called twice."""

        def say(handler: Callable[[Call[B]], Awaitable[A]]) -> Callable[[Call[B]], Awaitable[A]]:
            row = Route("POST", path, permission, summary, handler, body, answer, status, idempotent, {})
            self.routes.append(row)
            return handler

        return say

    def download(
        self,
        path: str,
        *,
        permission: Permission,
        summary: str,
        content_types: tuple[str, ...],
        query: Mapping[str, str] | None = None,
    ) -> Callable[[Callable[[Call[None]], Awaitable[Download]]], Callable[[Call[None]], Awaitable[Download]]]:
        """Say a route that gives a file."""

        def say(
            handler: Callable[[Call[None]], Awaitable[Download]],
        ) -> Callable[[Call[None]], Awaitable[Download]]:
            row = Route(
                "GET", path, permission, summary, handler, None, content_types, 200, False, query or {}
            )
            self.routes.append(row)
            return handler

        return say

    def stream(
        self, path: str, *, permission: Permission, summary: str, query: Mapping[str, str]
    ) -> Callable[
        [Callable[[Call[None]], Awaitable[EventStream]]], Callable[[Call[None]], Awaitable[EventStream]]
    ]:
        """Say a route that gives events."""

        def say(
            handler: Callable[[Call[None]], Awaitable[EventStream]],
        ) -> Callable[[Call[None]], Awaitable[EventStream]]:
            row = Route("GET", path, permission, summary, handler, None, (EVENT_STREAM,), 200, False, query)
            self.routes.append(row)
            return handler

        return say

    def include(self, other: "RouteTable") -> None:
        """Take over the rows of another table of the same plugin."""
        self.routes.extend(other.routes)
        self.also_asked_for |= other.also_asked_for

    def register(self, app: web.Application) -> None:
        """Serve every row on ACA-Py's admin port."""
        app[ASKED_FOR] = app.get(ASKED_FOR, frozenset()) | self.asked_for
        for route in self.routes:
            app.router.add_route(route.method, route.path, _served(route))


def _served(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler for one row; ACA-Py's own key or tenant token stands before it."""

    async def serve(request: web.Request) -> web.StreamResponse:
        request_id.set(str(uuid4()))
        try:
            return await _answered(route, request)
        except Exception as error:  # noqa: BLE001  # the edge: every error becomes a problem
            return problem(error)

    behind_acapy = tenant_authentication(serve)

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            answer: web.StreamResponse = await behind_acapy(request)
        except web.HTTPUnauthorized:
            return problem(NotAuthenticated("the admin key or tenant token is missing or wrong"))
        return answer

    functools.update_wrapper(guarded, route.handler)
    setattr(guarded, OURS, route)
    return guarded


async def _answered(route: Route, request: web.Request) -> web.StreamResponse:
    context: AdminRequestContext = request["context"]
    body = await request.read()
    act = Act(request.method, request.raw_path, body)
    actor = await context.profile.inject(Authentication).actor(request.headers.get(ASSERTION_HEADER), act)
    _require(actor, route.permission)
    _known_parameters(route, request)
    _known_path(request)
    asked_for = request.app[ASKED_FOR]
    call = Call(actor, _parsed(route, body), request.match_info, request.query, context.profile, asked_for)
    if route.idempotent:
        return await _once(route, request, call, body)
    answer = await route.handler(call)
    if isinstance(answer, Download):
        return await send(answer, request)
    if isinstance(answer, EventStream):
        return await _watched(answer, request)
    return _json(route.status, answer.model_dump(mode="json"))


def _require(actor: Actor, permission: Permission) -> None:
    if actor.may(permission):
        return
    if actor.permissions == NEWCOMER:
        raise NotPermitted("You are not a nominated user of this organisation.", code=NOT_NOMINATED)
    raise NotPermitted(f"This needs the permission {permission}, which you do not have.")


async def send(file: Download, request: web.Request) -> web.StreamResponse:
    """Send the file; if it breaks off, so does the connection, and nobody takes it for all of it.

    No problem can be answered any more by then: it would stand in the file.
    """
    disposition = f'attachment; filename="{file.name}"'
    response = web.StreamResponse(
        headers={"Content-Type": file.content_type, "Content-Disposition": disposition}
    )
    await response.prepare(request)
    try:
        async for chunk in file.chunks:
            await response.write(chunk)
        await response.write_eof()
    except Exception as error:  # noqa: BLE001  # whatever it is, half a file was sent
        LOGGER.error("A download broke off with %s", type(error).__qualname__)  # noqa: TRY400  # no values
        if request.transport is not None:
            request.transport.abort()
    return response


async def _watched(stream: EventStream, request: web.Request) -> web.StreamResponse:
    """Send each event as it comes. Whoever reads comes again, when it breaks off as when it ends."""
    response = web.StreamResponse(
        headers={"Content-Type": EVENT_STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async for event in stream.events:
            await response.write(event)
    except ConnectionError:
        LOGGER.debug("Nobody watches any more")
    except Exception as error:  # noqa: BLE001  # the answer has begun: no problem can be told in it
        LOGGER.warning("A stream of events broke off with %s", type(error).__qualname__)
    return response


async def _once(route: Route, request: web.Request, call: Call[Any], body: bytes) -> web.Response:
    """Do it the first time; give the first answer again every time after."""
    key = request.headers.get(IDEMPOTENCY_HEADER, "")
    if len(key) not in KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            f"{IDEMPOTENCY_HEADER} is needed: 8 to 120 characters, one for each thing to be done."
        )
    digest = hashlib.sha256(
        b"\n".join([request.method.encode(), request.raw_path.encode(), body])
    ).hexdigest()

    async def act() -> dict[str, Any]:
        answer = await route.handler(call)
        if not isinstance(answer, Answer):
            raise TypeError("a call that acts gives no file: it could not be given again")
        return answer.model_dump(mode="json")

    keys = call.profile.inject(IdempotencyKeys)
    return _json(route.status, await keys.once(key, actor=call.actor.id, digest=digest, act=act))


def _known_parameters(route: Route, request: web.Request) -> None:
    if unknown := sorted(set(request.query) - set(route.query)):
        raise InvalidInput(
            "There are query parameters that this list does not know.",
            fields=dict.fromkeys(unknown, "unknown"),
        )
    if unreadable := [name for name, text in request.query.items() if NUL in text]:
        raise InvalidInput(
            "There are query parameters that cannot be read.",
            fields=dict.fromkeys(unreadable, "has a NUL character"),
        )


def _known_path(request: web.Request) -> None:
    """Raise `NotFound` for an id that nothing can have."""
    if any(NUL in step for step in request.match_info.values()):
        raise NotFound("There is no such resource.")


def _has_nul(value: object) -> bool:
    """Whether there is one anywhere in what JSON says."""
    if isinstance(value, dict):
        return any(map(_has_nul, [*value.keys(), *value.values()]))
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and NUL in value


def _parsed(route: Route, body: bytes) -> Body | None:
    if route.body is None:
        return None
    try:
        return route.body.model_validate_json(body)
    except ValidationError as error:
        fields = {
            ".".join(map(str, e["loc"])) or "body": e["msg"].removeprefix("Value error, ")
            for e in error.errors(include_input=False)
        }
        raise InvalidInput("The body does not have the form that this call takes.", fields=fields) from error


def _json(status: int, answer: dict[str, Any]) -> web.Response:
    return web.json_response(answer, status=status, dumps=functools.partial(json.dumps, ensure_ascii=False))
