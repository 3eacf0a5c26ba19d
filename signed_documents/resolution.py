"""Reading DIDs and resources off the web, so that a caller sees verified values or the reason why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cachetools import LRUCache
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
from signed_documents.encoding import strict_json
from signed_documents.errors import DocumentNotFound, DocumentRefused, Reason
from signed_documents.identifiers import ResourceId, WebvhDid
from signed_documents.statements import VerifiedStatement, claimed_issuer, verify_statement
from signed_documents.status_lists import StatusList, link_at, with_one_more
from signed_documents.webvh_logs import VerifiedLog, verify_entries

type Fetch = Callable[[str], Awaitable[bytes]]
"""GET a URL. Raises `DocumentNotFound`, `DocumentUnavailable` or `DocumentRefused`."""

DOCUMENT_LIFETIME = timedelta(minutes=5)
REMEMBERED = 1000  # registries and status lists each
REMEMBERED_BYTES = 64 * 1024 * 1024  # of logs and of resources each: strangers choose how many and how long


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _ReadLog:
    log: VerifiedLog
    at: datetime
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class _ReadResource:
    resource: VerifiedResource
    size: int


def _size(read: _ReadLog | _ReadResource) -> int:
    return read.size


class WebvhReader:
    """Resolves did:webvh DIDs and what stands under them.

    Keeps DID documents for `DOCUMENT_LIFETIME`, immutable resources until they are pushed out, and never
    a revocation registry. Remembers the longest log and list of status lists that it saw, and refuses less.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        clock: Callable[[], datetime] = utc_now,
        remembered_bytes: int = REMEMBERED_BYTES,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._logs = LRUCache[WebvhDid, _ReadLog](remembered_bytes, _size)
        self._resources = LRUCache[ResourceId, _ReadResource](remembered_bytes, _size)
        self._links = LRUCache[ResourceId, tuple[StatusListLink, ...]](REMEMBERED)
        self._seen_lists = LRUCache[ResourceId, tuple[StatusList, ...]](REMEMBERED)
        self._status_lists = LRUCache[StatusListId, datetime](REMEMBERED)

    async def log(self, did: str, *, fresh: bool = False) -> VerifiedLog:
        """The verified log of `did`, with its current document. `fresh` reads it anew."""
        parsed = WebvhDid.parse(did)
        known = self._logs.get(parsed)
        if known is None or fresh or self._clock() - known.at >= DOCUMENT_LIFETIME:
            log = await self._read_log(parsed, None if known is None else known.log)
            log.require_in_use()
            return log
        known.log.require_in_use()
        return known.log

    async def resource(self, identifier: str, expected: ResourceType) -> VerifiedResource:
        """The verified resource called `identifier`, which must be of the `expected` type."""
        parsed = ResourceId.parse(identifier)
        kept = self._resources.get(parsed)
        resource = await self._read(parsed) if kept is None else kept.resource
        if resource.type is not expected:
            raise DocumentRefused(Reason.WRONG_TYPE, f"the resource is not of type {expected}")
        return resource

    async def status_list(self, registry_id: str, *, at: int | None = None) -> StatusList:
        """The status list of a revocation registry that holds at `at` (seconds, Unix), or now."""
        registry = await self.resource(registry_id, ResourceType.REVOCATION_REGISTRY)
        link = link_at(registry, at)
        resource = await self.resource(str(link.id), ResourceType.STATUS_LIST)
        status_list = StatusList.of(resource, registry, link)
        self._seen_lists[registry.id] = with_one_more(self._seen_lists.get(registry.id, ()), status_list)
        return status_list

    async def bitstring_status_list(self, identifier: StatusListId, issuer: str) -> SignedStatusList:
        """The status list called `identifier` of the DID `issuer`, read anew and valid now.

        Refuses one that is older than what was seen before.
        """
        known = self._status_lists.get(identifier)
        document = _json(await self._fetch(str(identifier)))
        status_list = await self._with_signer(
            WebvhDid.parse(issuer), lambda signer: verify_status_list(document, identifier, signer)
        )
        require_current(status_list, self._clock())
        if known is not None and status_list.valid_from < known:
            raise DocumentRefused(Reason.ROLLED_BACK, "the status list is older than one seen before")
        other = self._status_lists.get(identifier, status_list.valid_from)
        self._status_lists[identifier] = max(status_list.valid_from, other)
        return status_list

    async def statement(self, statement: object, kind: str) -> VerifiedStatement:
        """What an organisation states, verified by its DID's document."""
        return await self._with_signer(
            claimed_issuer(statement), lambda signer: verify_statement(statement, kind, signer)
        )

    async def _read_log(self, did: WebvhDid, known: VerifiedLog | None) -> VerifiedLog:
        text = await self._fetch(did.log_url)
        log = await asyncio.to_thread(verify_entries, text, did, now=self._clock(), known=known)
        if log.demands and log is not known:
            # After the log: what approves an entry is published before it.
            await asyncio.to_thread(log.require_witnesses, await self._witness_proofs(did))
        if known is not None and not log.extends(known):
            raise DocumentRefused(Reason.ROLLED_BACK, "the log lacks entries that it had before")
        return self._longest(log)

    async def _witness_proofs(self, did: WebvhDid) -> bytes | None:
        try:
            return await self._fetch(did.witness_url)
        except DocumentNotFound:
            return None

    def _longest(self, log: VerifiedLog) -> VerifiedLog:
        """Keep `log`, or what another call read meanwhile if that is longer."""
        other = self._logs.get(log.did)
        if other is not None and other.log.extends(log):
            log = other.log
        elif other is not None and not log.extends(other.log):
            raise DocumentRefused(Reason.FORKED, "the host told one reader this and another that")
        self._logs[log.did] = _ReadLog(log, self._clock(), len(log.text))
        return log

    async def _read(self, identifier: ResourceId) -> VerifiedResource:
        known = self._links.get(identifier, ())
        text = await self._fetch(identifier.url)
        resource = await self._verified(_json(text), identifier)
        if resource.type is ResourceType.REVOCATION_REGISTRY:
            self._remember_links(resource, known)
        else:
            self._resources[identifier] = _ReadResource(resource, len(text))
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

    def _remember_links(self, registry: VerifiedResource, known: tuple[StatusListLink, ...]) -> None:
        """`known` are the links from before it was asked: another call may have read more meanwhile."""
        if registry.links[: len(known)] != known:
            raise DocumentRefused(Reason.ROLLED_BACK, "the registry lacks status lists that it had before")
        other = self._links.get(registry.id, ())
        shorter, longer = sorted((registry.links, other), key=len)
        if longer[: len(shorter)] != shorter:
            raise DocumentRefused(Reason.FORKED, "the host told one reader this and another that")
        self._links[registry.id] = longer


def _json(text: bytes) -> object:
    try:
        return strict_json(text)
    except ValueError as error:
        raise DocumentRefused(Reason.MALFORMED, "the answer is not JSON") from error
