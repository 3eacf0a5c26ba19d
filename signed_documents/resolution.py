"""Reading DIDs and resources off the web, so that a caller sees verified values or the reason why not."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydid import DIDDocument

from signed_documents.attested_resources import (
    ResourceType,
    StatusListLink,
    VerifiedResource,
    verify_resource,
)
from signed_documents.bitstring_status_lists import (
    SignedStatusList,
    StatusListId,
    require_current,
    verify_status_list,
)
from signed_documents.errors import DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid
from signed_documents.statements import VerifiedStatement, claimed_issuer, verify_statement
from signed_documents.status_lists import StatusList, link_at
from signed_documents.webvh_logs import VerifiedLog, verify_log

type Fetch = Callable[[str], Awaitable[bytes]]
"""GET a URL. Raises `DocumentNotFound`, `DocumentUnavailable` or `DocumentRefused`."""

DOCUMENT_LIFETIME = timedelta(minutes=5)
REMEMBERED = 1000  # DIDs, resources and registries each; a resource is at most some tens of kilobytes


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Read:
    log: VerifiedLog
    at: datetime


class _Remembered[K, V](dict[K, V]):
    """A dict that forgets its oldest entry when it is full."""

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self and len(self) >= REMEMBERED:
            del self[next(iter(self))]
        super().__setitem__(key, value)


class WebvhReader:
    """Resolves did:webvh DIDs and what stands under them.

    Keeps DID documents for `DOCUMENT_LIFETIME`, immutable resources until they are pushed out, and never
    a revocation registry. Remembers the longest log and list of status lists that it saw, and refuses less.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._fetch = fetch
        self._clock = clock
        self._logs: _Remembered[WebvhDid, _Read] = _Remembered()
        self._resources: _Remembered[ResourceId, VerifiedResource] = _Remembered()
        self._links: _Remembered[ResourceId, tuple[StatusListLink, ...]] = _Remembered()
        self._status_lists: _Remembered[StatusListId, datetime] = _Remembered()

    async def log(self, did: str, *, fresh: bool = False) -> VerifiedLog:
        """The verified log of `did`, with its current document. `fresh` reads it anew."""
        parsed = WebvhDid.parse(did)
        known = self._logs.get(parsed)
        if known is not None and not fresh and self._clock() - known.at < DOCUMENT_LIFETIME:
            return known.log
        text = await self._fetch(parsed.log_url)
        log = await asyncio.to_thread(verify_log, text, parsed, now=self._clock())
        if known is not None and not log.extends(known.log):
            raise DocumentRefused(Reason.ROLLED_BACK, "the log lacks entries that it had before")
        self._logs[parsed] = _Read(log, self._clock())
        return log

    async def resource(self, identifier: str, expected: ResourceType) -> VerifiedResource:
        """The verified resource called `identifier`, which must be of the `expected` type."""
        parsed = ResourceId.parse(identifier)
        resource = self._resources.get(parsed) or await self._read(parsed)
        if resource.type is not expected:
            raise DocumentRefused(Reason.WRONG_TYPE, f"the resource is not of type {expected}")
        return resource

    async def status_list(self, registry_id: str, *, at: int | None = None) -> StatusList:
        """The status list of a revocation registry that holds at `at` (seconds, Unix), or now."""
        registry = await self.resource(registry_id, ResourceType.REVOCATION_REGISTRY)
        link = link_at(registry, at)
        resource = await self.resource(str(link.id), ResourceType.STATUS_LIST)
        return StatusList.of(resource, registry, link)

    async def bitstring_status_list(self, identifier: StatusListId, issuer: str) -> SignedStatusList:
        """The status list called `identifier` of the DID `issuer`, read anew and valid now.

        Refuses one that is older than what was seen before.
        """
        document = _json(await self._fetch(str(identifier)))
        status_list = await self._with_signer(
            WebvhDid.parse(issuer), lambda signer: verify_status_list(document, identifier, signer)
        )
        require_current(status_list, self._clock())
        known = self._status_lists.get(identifier)
        if known is not None and status_list.valid_from < known:
            raise DocumentRefused(Reason.ROLLED_BACK, "the status list is older than one seen before")
        self._status_lists[identifier] = status_list.valid_from
        return status_list

    async def statement(self, statement: object, kind: str) -> VerifiedStatement:
        """What an organisation states, verified by its DID's document."""
        return await self._with_signer(
            claimed_issuer(statement), lambda signer: verify_statement(statement, kind, signer)
        )

    async def _read(self, identifier: ResourceId) -> VerifiedResource:
        document = _json(await self._fetch(identifier.url))
        resource = await self._verified(document, identifier)
        if resource.type is ResourceType.REVOCATION_REGISTRY:
            self._remember_links(resource)
        else:
            self._resources[identifier] = resource
        return resource

    async def _verified(self, document: object, identifier: ResourceId) -> VerifiedResource:
        return await self._with_signer(
            identifier.did, lambda signer: verify_resource(document, identifier, signer)
        )

    async def _with_signer[Verified](
        self, did: WebvhDid, verify: Callable[[DIDDocument], Verified]
    ) -> Verified:
        try:
            return verify((await self.log(str(did))).document)
        except DocumentRefused as refusal:
            if refusal.reason is not Reason.KEY_NOT_ASSERTED:
                raise
        # The key may be newer than the document that we kept.
        return verify((await self.log(str(did), fresh=True)).document)

    def _remember_links(self, registry: VerifiedResource) -> None:
        known = self._links.get(registry.id, ())
        if registry.links[: len(known)] != known:
            raise DocumentRefused(Reason.ROLLED_BACK, "the registry lacks status lists that it had before")
        self._links[registry.id] = registry.links


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentRefused(Reason.MALFORMED, "the answer is not JSON") from error
