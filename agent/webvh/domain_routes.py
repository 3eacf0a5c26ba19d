"""What a DID says of websites and of the trust registry, over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime

from agent.domain.actors import Permission
from agent.domain.errors import InvalidInput
from agent.domain.ports.audit import Audit
from agent.routing import Answer, Call, Download, RouteTable
from agent.webvh.identity import Standing
from agent.webvh.linked_domains import LinkedDomains, LinkVerdict
from agent.webvh.trust_registry import TrustRegistryAdvertisement

DOMAIN_ROUTES = RouteTable("webvh")


class LinkedOriginAnswer(Answer):
    """One origin that a DID says is its own: whether it says so, too, or why not (a code)."""

    origin: str
    verdict: LinkVerdict
    valid_until: datetime | None
    reason: str | None


class LinkedDomainsAnswer(Answer):
    """What a DID's document names, each asked now."""

    did: str
    origins: tuple[LinkedOriginAnswer, ...]


class RegistryLinkageAnswer(Answer):
    """The registry's origin; until when it is linked with the organisation's DID, if it is."""

    origin: str
    valid_until: datetime | None


class AdvertisementAnswer(Answer):
    """Whether strangers can read it already, or what that waits for."""

    standing: Standing


@DOMAIN_ROUTES.download(
    "/organisation/did/configuration",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="The signed did-configuration.json for a website of the organisation",
    content_types=("application/json",),
    query={"origin": "the website, such as https://www.example.nhs.uk"},
)
async def did_configuration(call: Call[None]) -> Download:
    """Sign it anew each time, for a year."""
    origin = call.query.get("origin", "")
    if not origin:
        raise InvalidInput("Which website?", fields={"origin": "missing"})
    async with call.inject(Audit).recording("link DID with website", actor=call.actor.id, subject=origin):
        file = await call.inject(LinkedDomains).configuration(origin)
    return Download("application/json", "did-configuration.json", _whole(file))


@DOMAIN_ROUTES.post(
    "/organisation/did/registry-linkage",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Link the DID with the registry's origin for a year from now on; again renews it",
    answer=RegistryLinkageAnswer,
)
async def link_registry(call: Call[None]) -> RegistryLinkageAnswer:
    """Have the registry name the DID in its did-configuration.json."""
    async with call.inject(Audit).recording("link DID with registry", actor=call.actor.id, subject="did"):
        linkage = await call.inject(LinkedDomains).link_registry()
    return RegistryLinkageAnswer(origin=linkage.origin, valid_until=linkage.valid_until)


@DOMAIN_ROUTES.post(
    "/organisation/did/registry-linkage/withdrawal",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Link the DID with the registry's origin no more; again does no harm",
    answer=RegistryLinkageAnswer,
)
async def unlink_registry(call: Call[None]) -> RegistryLinkageAnswer:
    """Have the registry take the DID out of its did-configuration.json."""
    async with call.inject(Audit).recording("unlink DID from registry", actor=call.actor.id, subject="did"):
        origin = await call.inject(LinkedDomains).unlink_registry()
    return RegistryLinkageAnswer(origin=origin, valid_until=None)


@DOMAIN_ROUTES.get(
    "/organisation/did/linked-domains/{did}",
    permission=Permission.ORGANISATION_READ,
    summary="The websites that a DID says are its own, and whether each says so, too",
    answer=LinkedDomainsAnswer,
)
async def linked_domains(call: Call[None]) -> LinkedDomainsAnswer:
    """Ask each of them now: for the operator, before a DID is put on the trust list."""
    did = call.path["did"]
    judged = await call.inject(LinkedDomains).of(did)
    origins = tuple(
        LinkedOriginAnswer(
            origin=each.origin, verdict=each.verdict, valid_until=each.valid_until, reason=each.reason
        )
        for each in judged
    )
    return LinkedDomainsAnswer(did=did, origins=origins)


@DOMAIN_ROUTES.post(
    "/organisation/did/trust-registry",
    permission=Permission.ORGANISATION_PUBLISH,
    summary="Say in the operator's DID document where the trust list is asked (TRQP); again does no harm",
    answer=AdvertisementAnswer,
)
async def advertise_trust_registry(call: Call[None]) -> AdvertisementAnswer:
    """Add the service unless it is there."""
    async with call.inject(Audit).recording("advertise trust registry", actor=call.actor.id, subject="did"):
        standing = await call.inject(TrustRegistryAdvertisement).ensure()
    return AdvertisementAnswer(standing=standing)


async def _whole(file: bytes) -> AsyncIterator[bytes]:
    yield file
