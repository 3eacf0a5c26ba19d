"""That web origins and DIDs belong together: said of the organisation's own, and checked of others'."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from acapy_agent.core.profile import Profile

from agent.domain.errors import InvalidInput, NotFound, Unavailable
from agent.webvh.identity import StoredIdentity
from agent.webvh.publisher import RegistryPublisher
from signed_documents.did_configurations import (
    LIFETIME,
    DomainLinkage,
    DomainLinkages,
    configuration,
    sign_linkage,
)
from signed_documents.errors import DocumentNotFound, DocumentRefused, DocumentUnavailable
from signed_documents.identifiers import WebvhDid, checked_origin


class LinkVerdict(StrEnum):
    """What became of asking an origin whether it belongs to a DID."""

    LINKED = "linked"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class JudgedOrigin:
    """One origin that a DID says is its own: whether it is, until when, or why not (a code)."""

    origin: str
    verdict: LinkVerdict
    valid_until: datetime | None = None
    reason: str | None = None


class LinkedDomains:
    """One organisation's view of them."""

    def __init__(
        self,
        profile: Profile,
        publisher: RegistryPublisher,
        linkages: DomainLinkages,
        clock: Callable[[], datetime],
    ) -> None:
        self._profile = profile
        self._publisher = publisher
        self._linkages = linkages
        self._clock = clock

    async def configuration(self, origin: str) -> bytes:
        """The file that makes `origin` the organisation's own, once that publishes it.

        Raises `InvalidInput` for what is no origin, `Conflict` while the organisation has no DID.
        """
        try:
            own = checked_origin(origin.lower())
        except ValueError as error:
            raise InvalidInput("That is no origin.", fields={"origin": str(error)}) from error
        _, token = await self._signed(await StoredIdentity.in_use(self._profile), own)
        return configuration([token])

    async def link_registry(self) -> DomainLinkage:
        """Have the registry publish that its origin is the organisation's, for another year from now on."""
        identity = await StoredIdentity.in_use(self._profile)
        did = WebvhDid.parse(identity.did)
        linkage, token = await self._signed(identity, f"https://{did.host}")
        await self._publisher.linkage(did, token)
        return linkage

    async def unlink_registry(self) -> str:
        """Have the registry publish that no more; the origin it was."""
        did = WebvhDid.parse((await StoredIdentity.in_use(self._profile)).did)
        await self._publisher.no_linkage(did)
        return f"https://{did.host}"

    async def of(self, did: str) -> Sequence[JudgedOrigin]:
        """The origins that `did` says are its own, each asked now.

        Raises `NotFound`, `InvalidInput` or `Unavailable` when the DID itself cannot be read.
        """
        try:
            origins = await self._linkages.origins(did)
        except DocumentUnavailable as error:
            raise Unavailable("The DID cannot be read now.", code="registry_unavailable") from error
        except DocumentNotFound as error:
            raise NotFound("There is no such DID.") from error
        except DocumentRefused as error:
            raise InvalidInput("The DID does not verify.", code="did_refused") from error
        return await asyncio.gather(*(self._judged(did, origin) for origin in origins))

    async def _judged(self, did: str, origin: str) -> JudgedOrigin:
        try:
            linkage = await self._linkages.verified(did, origin)
        except DocumentUnavailable:
            return JudgedOrigin(origin, LinkVerdict.UNAVAILABLE)
        except DocumentNotFound:
            return JudgedOrigin(origin, LinkVerdict.REFUSED, reason="not_found")
        except DocumentRefused as refused:
            return JudgedOrigin(origin, LinkVerdict.REFUSED, reason=refused.reason)
        return JudgedOrigin(linkage.origin, LinkVerdict.LINKED, valid_until=linkage.valid_until)

    async def _signed(self, identity: StoredIdentity, origin: str) -> tuple[DomainLinkage, str]:
        now = self._clock().replace(microsecond=0)
        linkage = DomainLinkage(identity.did, origin, now, now + LIFETIME)
        return linkage, await sign_linkage(linkage, identity.resource_signer(self._profile))
