"""The wallet's control API, for the person's own client: each route says what it takes and answers."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from acapy_agent.admin.request_context import AdminRequestContext
from acapy_agent.core.profile import Profile
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from wallet.holder.connections import Connections
from wallet.holder.credentials import Format, HeldCredentials
from wallet.holder.events import EventLog, UnknownEvent
from wallet.holder.gate import close, ours
from wallet.holder.offers import DeclineReason, Offers
from wallet.holder.problems import InvalidInput, NotPossible, problem
from wallet.holder.requests import PresentationRequests
from wallet.holder.sharing import SharingDiary

LONGEST_WAIT_SECONDS = 60

type Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Body(BaseModel):
    """What a caller sends: every field known, and nothing more."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """No fields at all."""


class Invitation(Body):
    """The link that the person was given, or that stands in the QR code they scanned."""

    invitation: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class Message(Body):
    """What the person types, such as the one-time code that they were told."""

    content: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class OfferDeclined(Body):
    """Why the person does not want a credential."""

    reason: DeclineReason
    comment: Comment | None = None


class Agreed(Body):
    """The request that the person saw and agrees to, and the form that they choose, if they do."""

    form: Format | None = None
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RequestDeclined(Body):
    """What the person wants the host to know, if anything."""

    comment: Comment | None = None


class EventsQuery(Body):
    """Events after this number; wait for one at most `timeout` seconds."""

    after: Annotated[int, Field(ge=0)] = 0
    timeout: Annotated[float, Field(ge=0, le=LONGEST_WAIT_SECONDS)] = 0


class ExchangesQuery(Body):
    """Filters of a list."""

    state: str | None = None
    connection_id: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call, parsed."""

    profile: Profile
    id: str
    body: Any
    query: Any


type Handler = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    method: str
    path: str
    handler: Handler
    body: type[Body] = Nothing
    query: type[Body] = Nothing


async def receive_invitation(call: Call) -> object:
    """Connect to who made the invitation."""
    connection, host = await Connections(call.profile).accept(call.body.invitation)
    return {"connection_id": connection, "host": asdict(host)}


async def look_at_invitation(call: Call) -> object:
    """Who made the invitation; they do not learn of it."""
    return {"host": asdict(await Connections(call.profile).who_invites(call.body.invitation))}


async def list_connections(call: Call) -> object:
    """Every connection."""
    return {"connections": [asdict(each) for each in await Connections(call.profile).all()]}


async def show_connection(call: Call) -> object:
    """One connection, with the code to compare."""
    return asdict(await Connections(call.profile).one(call.id))


async def send_message(call: Call) -> object:
    """Send what the person typed."""
    await Connections(call.profile).send(call.id, call.body.content)
    return {}


async def list_offers(call: Call) -> object:
    """Every offer, or those that the filters name."""
    found = await Offers(call.profile).all(**call.query.model_dump())
    return {"offers": [asdict(each) for each in found]}


async def show_offer(call: Call) -> object:
    """One offer."""
    return asdict(await Offers(call.profile).one(call.id))


async def accept_offer(call: Call) -> object:
    """Accept an offer."""
    return asdict(await Offers(call.profile).accept(call.id))


async def decline_offer(call: Call) -> object:
    """Decline an offer."""
    return asdict(await Offers(call.profile).decline(call.id, call.body.reason, call.body.comment))


async def list_credentials(call: Call) -> object:
    """Every credential, with its status now."""
    return {"credentials": [asdict(each) for each in await HeldCredentials(call.profile).all()]}


async def list_requests(call: Call) -> object:
    """Every request, or those that the filters name."""
    found = await PresentationRequests(call.profile).all(**call.query.model_dump())
    return {"requests": [asdict(each) for each in found]}


async def show_request(call: Call) -> object:
    """One request."""
    return asdict(await PresentationRequests(call.profile).one(call.id))


async def present(call: Call) -> object:
    """Share what is asked for."""
    agreed: Agreed = call.body
    requests = PresentationRequests(call.profile)
    return asdict(await requests.present(call.id, digest=agreed.digest, form=agreed.form))


async def decline_request(call: Call) -> object:
    """Decline a request."""
    return asdict(await PresentationRequests(call.profile).decline(call.id, call.body.comment))


async def list_shared(call: Call) -> object:
    """What was shared with whom, and when."""
    return {"shared": await SharingDiary(call.profile).all()}


async def wait_for_events(call: Call) -> object:
    """What happened after an event that the caller knows."""
    query: EventsQuery = call.query
    try:
        events = await call.profile.inject(EventLog).after(query.after, within=query.timeout)
    except UnknownEvent as error:
        raise NotPossible("unknown_event", "The wallet was started again: begin with event 0.") from error
    last = events[-1].number if events else query.after
    return {"events": [asdict(each) for each in events], "last": last}


ROUTES = (
    Route("POST", "/wallet/connections", receive_invitation, body=Invitation),
    Route("POST", "/wallet/invitations", look_at_invitation, body=Invitation),
    Route("GET", "/wallet/connections", list_connections),
    Route("GET", "/wallet/connections/{id}", show_connection),
    Route("POST", "/wallet/connections/{id}/messages", send_message, body=Message),
    Route("GET", "/wallet/offers", list_offers, query=ExchangesQuery),
    Route("GET", "/wallet/offers/{id}", show_offer),
    Route("POST", "/wallet/offers/{id}/accept", accept_offer),
    Route("POST", "/wallet/offers/{id}/decline", decline_offer, body=OfferDeclined),
    Route("GET", "/wallet/credentials", list_credentials),
    Route("GET", "/wallet/requests", list_requests, query=ExchangesQuery),
    Route("GET", "/wallet/requests/{id}", show_request),
    Route("POST", "/wallet/requests/{id}/present", present, body=Agreed),
    Route("POST", "/wallet/requests/{id}/decline", decline_request, body=RequestDeclined),
    Route("GET", "/wallet/shared", list_shared),
    Route("GET", "/wallet/events", wait_for_events, query=EventsQuery),
)


async def register(app: web.Application) -> None:
    """Called by ACA-Py: serve the table, and nothing else that could act."""
    close(app)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _served(route))


def _served(route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        try:
            answer = await route.handler(await _call(route, request))
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a problem
            return problem(error)
        return web.json_response(answer, dumps=_json)

    return ours(serve)


async def _call(route: Route, request: web.Request) -> Call:
    context: AdminRequestContext = request["context"]
    return Call(
        profile=context.profile,
        id=request.match_info.get("id", ""),
        body=_parsed(route.body.model_validate_json, await request.read() or b"{}"),
        query=_parsed(route.query.model_validate, dict(request.query)),
    )


def _parsed[Given](parse: Callable[[Given], Body], given: Given) -> Body:
    try:
        return parse(given)
    except ValidationError as error:
        wrong = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors(include_input=False)}
        raise InvalidInput("invalid_input", "This call takes other values.", fields=wrong) from error


def _json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, default=datetime.isoformat)
