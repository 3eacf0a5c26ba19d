"""Questions to the trust list, one at a time: the Trust Registry Query Protocol v2.0 (Trust over IP).

Its authority is the operator. Whoever or whatever the list does not name is not authorised: that is an
answer. While no list is valid there is none.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import hdrs, web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from registry.memory import Version
from registry.problems import RegistryProblem, problems
from registry.routes import bounded_body
from registry.trust_list import TrustPublications
from signed_documents.proofs import iso_utc
from signed_documents.trust_distribution import VerifiedList
from signed_documents.trust_lists import ListedOrganisation, Status, TrustListing, london_day

LOGGER = logging.getLogger(__name__)

MAX_QUERY_BYTES = 16 * 1024
RETRY_AFTER_SECONDS = 60
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_MAX_DETAIL = 500

type Identifier = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+$", min_length=1, max_length=500)
]
"""What TRQP takes for one: the characters of RFC 3986."""


class QueryRefused(RegistryProblem):
    """This is no query of the protocol."""

    status = HTTPStatus.BAD_REQUEST
    code = "malformed"


class QueryOfAnotherType(RegistryProblem):
    """A query is JSON, and says so."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "not_json"


class UnknownAuthority(RegistryProblem):
    """We answer for the operator alone."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_authority"


class UnknownAction(RegistryProblem):
    """The trust list has no such thing to say."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_action"


class ListUnavailable(RegistryProblem):
    """Nobody can say now: no list was published, or the last one has expired."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "trust_unavailable"


class Action(StrEnum):
    """What the list says of an organisation and a type of credential."""

    ISSUE = "issue"
    REQUEST = "request"


GOVERN = "govern"
TRUST_LIST = "trust-list"


_EARLIEST, _LATEST = 1970, 2200
"""Years: beyond, not every zone has a day for it."""


def _instant(text: str) -> datetime | None:
    """RFC 3339 in UTC, or blank for now."""
    if not text:
        return None
    if not _RFC3339.fullmatch(text):
        raise ValueError("must be a time of RFC 3339 that ends in Z")
    at = datetime.fromisoformat(text)
    if not _EARLIEST <= at.year <= _LATEST:
        raise ValueError(f"must be between the years {_EARLIEST} and {_LATEST}")
    return at


def _with_time(context: dict[str, str]) -> dict[str, str]:
    _instant(context.get("time", ""))
    return context


type Context = Annotated[
    dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=500)]],
    Field(max_length=20),
    AfterValidator(_with_time),
]


class Query(BaseModel):
    """The question whether the authority lets the entity take the action on the resource."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    entity_id: Identifier
    authority_id: Identifier
    action: Identifier
    resource: Identifier
    context: Context | None = Field(default_factory=dict)

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises `QueryRefused`, naming every member that is wrong."""
        try:
            query = cls.model_validate_json(body)
        except ValidationError as error:
            said = [".".join(map(str, each["loc"])) + f": {each['msg']}" for each in error.errors()]
            raise QueryRefused("; ".join(said)[:_MAX_DETAIL]) from error
        if query.context is None:
            raise QueryRefused("context: must be an object")
        return query

    @property
    def time(self) -> datetime | None:
        """As of when the answer is to hold; None for now."""
        return _instant((self.context or {}).get("time", ""))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and a sentence for people."""

    yes: bool
    message: str


@dataclass(frozen=True)
class IndexedList:
    """The list with every DID at hand."""

    list: VerifiedList
    by_did: Mapping[str, ListedOrganisation]

    @classmethod
    def of(cls, verified: VerifiedList) -> Self:
        every = verified.listing.organisations
        return cls(verified, {did: organisation for organisation in every for did in organisation.dids})

    @property
    def listing(self) -> TrustListing:
        return self.list.listing

    def authorization(self, query: Query, at: datetime) -> Verdict:
        """Whether the operator lets the entity do that at `at`. Raises `UnknownAction`."""
        if query.action not in Action:
            raise UnknownAction("the trust list says who may issue, and who may request")
        return self._listed(query, Action(query.action), at)

    def recognition(self, query: Query, at: datetime) -> Verdict:
        """Whether the operator takes the entity for an authority in that. Raises `UnknownAction`.

        Those are itself, over the list, and employing authorities, each in what it issues; no other operator.
        """
        if (query.action, query.resource) == (GOVERN, TRUST_LIST):
            itself = query.entity_id == self.listing.operator
            return Verdict(
                itself, "This is the operator." if itself else "The operator governs the list alone."
            )
        if query.action != Action.ISSUE:
            raise UnknownAction("authorities are recognised to issue, and to govern the trust-list")
        return self._listed(query, Action.ISSUE, at)

    def _listed(self, query: Query, action: Action, at: datetime) -> Verdict:
        organisation = self.by_did.get(query.entity_id)
        if organisation is None:
            return Verdict(False, "The trust list does not name this DID.")
        name, status = organisation.name, organisation.status(at)
        if status is Status.SUSPENDED:
            return Verdict(False, f"{name} is suspended at that time.")
        if status is Status.SUCCEEDED:
            return Verdict(False, f"{name} has a successor at that time.")
        day = london_day(at)
        authorities = organisation.may_issue if action is Action.ISSUE else organisation.may_ask
        may = any(each.type == query.resource and each.covers(day) for each in authorities)
        return Verdict(may, f"{name} {'may' if may else 'may not'} {action} {query.resource} on {day}.")


type Ask = Callable[[IndexedList, Query, datetime], Verdict]


class TrustRegistryQueries:
    """`POST /authorization` and `POST /recognition`: the only reads here that no cache can answer."""

    def __init__(self, publications: TrustPublications, clock: Callable[[], datetime]) -> None:
        self._publications = publications
        self._clock = clock
        self._held: tuple[Version, IndexedList] | None = None
        self._reading = asyncio.Lock()

    def register(self, app: web.Application) -> None:
        for path, ask, member in (
            ("/authorization", IndexedList.authorization, "authorized"),
            ("/recognition", IndexedList.recognition, "recognized"),
        ):
            app.router.add_post(path, _not_kept(self._answering(ask, member)))

    def _answering(self, ask: Ask, member: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if request.content_type != "application/json":
                raise QueryOfAnotherType("a query is sent as application/json")
            query = Query.parse(await bounded_body(request, MAX_QUERY_BYTES))
            now = self._clock()
            held = await self._current(now)
            if query.authority_id != held.listing.operator:
                raise UnknownAuthority("this registry answers for its operator alone")
            verdict = ask(held, query, query.time or now)
            return web.json_response(_answer(query, verdict, member, now))

        return answer

    async def _current(self, now: datetime) -> IndexedList:
        """The list that is published now; its files are read again only when there is another."""
        found = await self._read()
        if found is None or found.list.expires <= now:
            raise ListUnavailable("no trust list is valid now")
        return found

    async def _read(self) -> IndexedList | None:
        version = self._publications.version()
        if version is None:
            return None
        if self._held is None or self._held[0] != version:
            async with self._reading:  # whoever waited finds what the first has read
                if self._held is None or self._held[0] != version:
                    self._held = (version, await asyncio.to_thread(self._load))
        return self._held[1]

    def _load(self) -> IndexedList:
        try:
            verified = self._publications.current()
        except LookupError as error:
            LOGGER.exception("The trust list is not whole")
            raise ListUnavailable("no trust list is valid now") from error
        if verified is None:
            raise ListUnavailable("no trust list is valid now")
        return IndexedList.of(verified)


def _answer(query: Query, verdict: Verdict, member: str, now: datetime) -> dict[str, object]:
    asked = query.model_dump(include={"entity_id", "authority_id", "action", "resource"})
    answer = {**asked, member: verdict.yes, "time_evaluated": iso_utc(now), "message": verdict.message}
    if query.time is not None:
        answer["time_requested"] = (query.context or {})["time"]
    if "context" in query.model_fields_set:
        answer["context"] = query.context
    return answer


def _not_kept(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """An answer, or a problem, that no cache may keep, under the name that the asker gave to the request."""

    async def answered(request: web.Request) -> web.StreamResponse:
        response = await problems(request, handler)
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_SECONDS)
        if _REQUEST_ID.fullmatch(name := request.headers.get("X-Request-ID", "")):
            response.headers["X-Request-ID"] = name
        return response

    return answered
